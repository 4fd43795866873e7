using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Server.Sight;

/// <summary>What the server looks at. Only without its storage is it of no use: what is stored is served without all the rest.</summary>
internal sealed partial class ReadyChecks(Warehouse warehouse, NixVersion nix, ISourceStatus sources, Headroom headroom, ILogger<ReadyChecks> logger)
{
    private static readonly RecordKey Probe = RecordKey.Changing("probe", "readiness");
    private static readonly byte[] ProbeContent = "{}"u8.ToArray();

    public IReadOnlyList<ReadyCheck> All =>
    [
        new("storage", IsVital: true, LookAtStorageAsync),
        new("nix", IsVital: false, LookAtNixAsync),
        new("source", IsVital: false, _ => Task.FromResult(LookAtSources())),
        new("disk", IsVital: false, _ => Task.FromResult(LookAtDisk())),
    ];

    /// <summary>Reads a record that was written once, and begins to write a blob: both cost next to nothing anywhere.</summary>
    private async Task<ReadyAnswer> LookAtStorageAsync(CancellationToken cancellationToken)
    {
        var found = false;
        try
        {
            found = await warehouse.Records.FindAsync(Probe, cancellationToken) is not null;
            await using var blob = await warehouse.Blobs.CreateAsync(cancellationToken);
            if (!found)
            {
                await warehouse.Records.PutAsync(Probe, ProbeContent, cancellationToken);
            }

            return ReadyAnswer.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Storage(logger, e);
            return found || await HasBlobsAsync(cancellationToken)
                ? new ReadyAnswer(ReadyState.Degraded, "the storage cannot be written; the log says why")
                : new ReadyAnswer(ReadyState.Failed, "the storage cannot be used; the log says why");
        }
    }

    /// <summary>
    /// A storage that nobody has written this record to may have images all the same, such as one that was copied to a read-only medium;
    /// one that is not there has nothing.
    /// </summary>
    private async Task<bool> HasBlobsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return warehouse.Blobs is IBlobInventory inventory && await inventory.ListAsync(cancellationToken).AnyAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<ReadyAnswer> LookAtNixAsync(CancellationToken cancellationToken) => await nix.LookAsync(cancellationToken) is null
        ? new ReadyAnswer(ReadyState.Degraded, "Nix does not answer")
        : ReadyAnswer.Ok;

    /// <summary>What the last look-up has said. Asking anew is for those who want a package: it would keep tags in use that nobody uses.</summary>
    private ReadyAnswer LookAtSources()
    {
        var failures = sources.Read()
            .SelectMany(set => set.Pins.Where(p => p.Failure is not null).Select(p => (Set: set.Name, p.Tag, Why: p.Failure!.Explanation)))
            .Select(f => $"{(f.Set is null ? "" : $"{f.Set}: ")}{f.Tag}: {f.Why}")
            .ToList();
        return failures.Count == 0 ? ReadyAnswer.Ok : new ReadyAnswer(ReadyState.Degraded, string.Join("; ", failures));
    }

    private ReadyAnswer LookAtDisk() => headroom.FindLack() is { } lack ? new ReadyAnswer(ReadyState.Degraded, lack) : ReadyAnswer.Ok;

    private static partial class Log
    {
        [LoggerMessage(4052, LogLevel.Debug, "The look at the storage has failed")]
        public static partial void Storage(ILogger logger, Exception exception);
    }
}

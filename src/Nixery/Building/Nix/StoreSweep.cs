using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Nixery.Building.Nix;

/// <summary>
/// Keeps the Nix store within its limits by Nix's own garbage collector, which takes nothing that a root holds or that Nix is building:
/// first what was not realised lately, and, where that is not enough, what was, from the longest ago on. An image that is packed without
/// a root, because all of it was in others before, notices that something has gone and has it realised again.
/// </summary>
internal sealed partial class StoreSweep(
    NixProcess process, NixOptions options, KeptRoots kept, Func<long?> findFreeBytes, ILogger<StoreSweep> logger) : INixStoreSize
{
    /// <summary>A little more than is needed, or the next build would ask for the next collection.</summary>
    private const int SlackPercent = 5;

    public long? StoreBytes { get; private set; }

    /// <summary>Looks at the limits, and collects until they hold or nothing is left that may go.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var excess = await FindExcessAsync(cancellationToken);
        while (excess > 0)
        {
            Log.Collecting(logger, excess, kept.Count);
            if (!await CollectAsync(excess, cancellationToken))
            {
                return;
            }

            excess = await FindExcessAsync(cancellationToken);
            if (excess > 0 && !kept.ReleaseHalf())
            {
                Log.NotEnough(logger, excess);
                return;
            }
        }
    }

    private async Task<long> FindExcessAsync(CancellationToken cancellationToken)
    {
        var excess = 0L;
        if (options.StoreMinFreeBytes > 0 && findFreeBytes() is { } free)
        {
            excess = options.StoreMinFreeBytes - free;
        }

        if (options.StoreMaxBytes > 0 && (StoreBytes = await MeasureAsync(cancellationToken)) is { } size)
        {
            excess = Math.Max(excess, size - options.StoreMaxBytes);
        }

        return Math.Max(0, excess);
    }

    /// <summary>The sum of the sizes that Nix has registered: what hard links share is counted with each.</summary>
    private async Task<long?> MeasureAsync(CancellationToken cancellationToken)
    {
        var command = new ProcessCommand("nix", ["--extra-experimental-features", "nix-command", "path-info", "--all", "--size"], options.Environment);
        if (await process.RunAsync(command, options.Timeout, cancellationToken) is not ProcessOutcome.Exited { ExitCode: 0, Output: var lines })
        {
            return null;
        }

        var size = SizeOf(lines);
        if (size is null)
        {
            Log.NoSize(logger);
        }

        return size;
    }

    /// <param name="lines">A path and its bytes each.</param>
    /// <returns>Their sum; null where a line is none.</returns>
    internal static long? SizeOf(string lines)
    {
        var sum = 0L;
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!long.TryParse(line.AsSpan(line.LastIndexOfAny([' ', '\t']) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                return null;
            }

            sum += size;
        }

        return sum;
    }

    private async Task<bool> CollectAsync(long excess, CancellationToken cancellationToken)
    {
        var bytes = excess + (excess / 100 * SlackPercent);
        var command = new ProcessCommand("nix-store", ["--gc", "--max-freed", bytes.ToString(CultureInfo.InvariantCulture)], options.Environment);
        return await process.RunAsync(command, options.Timeout, cancellationToken) is ProcessOutcome.Exited { ExitCode: 0 };
    }

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Information, "Collecting garbage in the Nix store: {Bytes} bytes are too many, {Kept} realised lately are kept if they may be")]
        public static partial void Collecting(ILogger logger, long bytes, int kept);

        [LoggerMessage(1011, LogLevel.Warning, "The Nix store is {Bytes} bytes beyond its limits, and all that is left is in use")]
        public static partial void NotEnough(ILogger logger, long bytes);

        [LoggerMessage(1012, LogLevel.Warning, "This Nix gives no list of the sizes in its store that can be read, so Nixery:Nix:StoreMaxBytes cannot be held")]
        public static partial void NoSize(ILogger logger);
    }
}

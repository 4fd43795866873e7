using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Nixery.Storage.Buckets;

/// <summary>
/// Leases as records of which one writer can be the first, with an end that their owner puts off while it lives. Clocks of servers may
/// differ by less than the rest of a lease at its renewal.
/// </summary>
public sealed partial class BucketLeases<TRecords>(TRecords records, TimeProvider time, ILogger<BucketLeases<TRecords>> logger) : ILeases
    where TRecords : IRecordStore, IExclusiveRecords
{
    internal static readonly TimeSpan Length = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewEvery = Length / 4;

    public async Task<IAsyncDisposable?> TryTakeAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid().ToString("N");
        if (await records.TryCreateAsync(key, NewRecord(owner), cancellationToken))
        {
            return new Lease(this, key, owner);
        }

        if (await records.FindAsync(key, cancellationToken) is not { } content)
        {
            return null;
        }

        var found = Read(content);
        if (found?.Owner == owner)
        {
            // It was created, the answer was lost, and the next attempt found its own.
            return new Lease(this, key, owner);
        }

        if (IsHeld(found))
        {
            return null;
        }

        // Of two that come to this at once, the slower may take away what the faster has just created: then both do the work.
        Log.RanOut(logger, key.Hex);
        await records.DeleteAsync(key, cancellationToken);
        return await records.TryCreateAsync(key, NewRecord(owner), cancellationToken) ? new Lease(this, key, owner) : null;
    }

    private byte[] NewRecord(string owner) => JsonSerializer.SerializeToUtf8Bytes(new LeaseRecord(owner, time.GetUtcNow() + Length), LeaseJson.Default.LeaseRecord);

    /// <summary>One that cannot be read has ended; and so has one with an end that no clock that is nearly right has given it, or it would never.</summary>
    private bool IsHeld(LeaseRecord? lease) => lease?.Until - time.GetUtcNow() is { } left && left > TimeSpan.Zero && left <= 2 * Length;

    private static LeaseRecord? Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, LeaseJson.Default.LeaseRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task RenewAsync(RecordKey key, string owner, CancellationToken ended)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RenewEvery, time, ended);
                await records.PutAsync(key, NewRecord(owner), ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (IOException e)
            {
                Log.NotRenewed(logger, e.Message);
            }
        }
    }

    private async Task GiveBackAsync(RecordKey key)
    {
        try
        {
            // Not ended by whatever ended the work.
            await records.DeleteAsync(key, CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.NotGivenBack(logger, e.Message);
        }
    }

    private sealed class Lease : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ended = new();
        private readonly Func<Task> _giveBack;
        private readonly Task _renewing;

        public Lease(BucketLeases<TRecords> leases, RecordKey key, string owner)
        {
            _giveBack = () => leases.GiveBackAsync(key);
            _renewing = leases.RenewAsync(key, owner, _ended.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            await _renewing;
            _ended.Dispose();
            await _giveBack();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3110, LogLevel.Information, "The owner of lease {Key} has not renewed it and counts as dead")]
        public static partial void RanOut(ILogger logger, string key);

        [LoggerMessage(3111, LogLevel.Warning, "A lease could not be renewed: {Problem}")]
        public static partial void NotRenewed(ILogger logger, string problem);

        [LoggerMessage(3112, LogLevel.Warning, "A lease could not be given back and runs out by itself: {Problem}")]
        public static partial void NotGivenBack(ILogger logger, string problem);
    }
}

internal sealed record LeaseRecord(string Owner, DateTimeOffset Until);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LeaseRecord))]
internal sealed partial class LeaseJson : JsonSerializerContext;

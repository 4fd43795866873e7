using Nixery.Server.Configuring;
using Nixery.Storage;

namespace Nixery.Server.Sight;

/// <summary>
/// How much is stored. What is here is counted through now and then; a bucket is not, since each thousand blobs would be a request, and whoever
/// runs the bucket has the figure.
/// </summary>
internal sealed class StorageSize(Warehouse warehouse, StorageSettings storage, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private (long Blobs, long Bytes)? _last;

    /// <summary>As of the last count; null before it, or when nobody counts.</summary>
    public (long Blobs, long Bytes)? Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (storage.IsBucket || warehouse.Blobs is not IBlobInventory inventory)
        {
            return;
        }

        using var ticks = new PeriodicTimer(CountEvery, time);
        try
        {
            do
            {
                await CountAsync(inventory, stoppingToken);
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
    }

    private async Task CountAsync(IBlobInventory inventory, CancellationToken stoppingToken)
    {
        try
        {
            var (blobs, bytes) = (0L, 0L);
            await foreach (var blob in inventory.ListAsync(stoppingToken))
            {
                (blobs, bytes) = (blobs + 1, bytes + blob.SizeBytes);
            }

            lock (_gate)
            {
                _last = (blobs, bytes);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Readiness tells it; what was counted before stays.
        }
    }
}

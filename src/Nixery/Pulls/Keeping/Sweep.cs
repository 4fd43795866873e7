using System.Collections.Concurrent;
using System.Text.Json;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Deletes blobs that no image names, while images are built: they are condemned, then it is read which images there are, and only
/// then what none of them names is deleted, after the layer records that name it. See <see cref="Condemned"/>.
/// </summary>
internal sealed class Sweep(Warehouse warehouse, StorageLook look, Condemned condemned)
{
    /// <summary>So many are deleted before what is left of the condemned is written anew, which may be megabytes.</summary>
    private const int AtOnce = 1000;

    /// <summary>A store that takes longer for so many is out of order; and what is condemned must hold as long as it is deleted.</summary>
    private static readonly TimeSpan LongestTurn = Condemned.HoldsFor * 0.75;

    private readonly ConcurrentDictionary<RecordKey, Digest> _layers = new();

    /// <param name="since">What was written since then stays: somebody who has no record yet has made it.</param>
    public async Task RunAsync(IReadOnlyCollection<Digest> unwanted, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (unwanted.Count == 0 || warehouse.Blobs is not IBlobInventory inventory)
        {
            return;
        }

        var key = RecordKey.Changing(Condemned.Kind, Guid.NewGuid().ToString());
        await condemned.WriteAsync(key, unwanted, cancellationToken);
        try
        {
            var needed = await look.ReadNeededAsync(since, cancellationToken);
            var doomed = unwanted.Where(d => !needed.Contains(d)).ToHashSet();
            await DeleteLayersAsync(doomed, cancellationToken);
            await DeleteAsync(inventory, key, doomed, cancellationToken);
        }
        finally
        {
            // Also when it is interrupted: nothing is deleted any more, and nobody need wait.
            await condemned.RemoveAsync(key, CancellationToken.None);
        }
    }

    /// <summary>
    /// Deletes layer records whose blob is not there: that of a build which put it down while the blob was deleted, and did not come to
    /// its end.
    /// </summary>
    public async Task TidyLayersAsync(CancellationToken cancellationToken)
    {
        await ReadLayersAsync(cancellationToken);
        var blobs = await look.ListBlobsAsync(cancellationToken);
        await Parallel.ForEachAsync(_layers.Where(l => !blobs.ContainsKey(l.Value)).ToList(), StorageLook.SomeAtOnce(cancellationToken), async (layer, token) =>
        {
            _layers.TryRemove(layer.Key, out _);
            if (await FindDigestAsync(layer.Key, token) is { } digest && await warehouse.Blobs.FindSizeAsync(digest, token) is null)
            {
                await warehouse.Records.DeleteAsync(layer.Key, token);
            }
        });
    }

    private async Task DeleteAsync(IBlobInventory inventory, RecordKey key, IReadOnlyCollection<Digest> doomed, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var turn in doomed.Chunk(AtOnce))
        {
            await condemned.WriteAsync(key, doomed.Skip(deleted), cancellationToken);
            await DeleteTurnAsync(inventory, turn, cancellationToken);
            deleted += turn.Length;
        }
    }

    private static async Task DeleteTurnAsync(IBlobInventory inventory, Digest[] turn, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestTurn);
        try
        {
            await Parallel.ForEachAsync(turn, StorageLook.SomeAtOnce(limit.Token), async (digest, token) => await inventory.DeleteAsync(digest, token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody has ended this but the limit.
            throw new IOException($"the storage does not delete {turn.Length} blobs within {LongestTurn.TotalSeconds} s; the next run goes on from there");
        }
    }

    /// <summary>Deletes the layer records of these blobs.</summary>
    private async Task DeleteLayersAsync(HashSet<Digest> doomed, CancellationToken cancellationToken)
    {
        await ReadLayersAsync(cancellationToken);
        await Parallel.ForEachAsync(_layers.Where(l => doomed.Contains(l.Value)).ToList(), StorageLook.SomeAtOnce(cancellationToken), async (layer, token) =>
        {
            await warehouse.Records.DeleteAsync(layer.Key, token);
            _layers.TryRemove(layer.Key, out _);
        });
    }

    /// <summary>Which layer records there are is asked each time; what one says hardly ever changes, and a wrong guess costs packing.</summary>
    private async Task ReadLayersAsync(CancellationToken cancellationToken)
    {
        var listed = new ConcurrentDictionary<RecordKey, bool>();
        await Parallel.ForEachAsync(warehouse.Records.ListAsync("layer", cancellationToken), StorageLook.SomeAtOnce(cancellationToken), async (record, token) =>
        {
            listed[record.Key] = true;
            if (!_layers.ContainsKey(record.Key) && await FindDigestAsync(record.Key, token) is { } digest)
            {
                _layers[record.Key] = digest;
            }
        });
        foreach (var gone in _layers.Keys.Where(k => !listed.ContainsKey(k)))
        {
            _layers.TryRemove(gone, out _);
        }
    }

    private async Task<Digest?> FindDigestAsync(RecordKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await warehouse.Records.FindAsync(key, cancellationToken) is { } content
                ? JsonSerializer.Deserialize(content.Span, BuildRecordJson.Default.WrittenLayer)?.Digest
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

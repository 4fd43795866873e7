using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>All that is stored, past every memory.</summary>
internal sealed class StorageLook(Warehouse warehouse, ImageUses uses, BlobsInUse inUse)
{
    /// <summary>In a bucket each record is a request over a network.</summary>
    private const int QuestionsAtOnce = 32;

    public async Task<StorageState> ReadAsync(CancellationToken cancellationToken)
    {
        // Blobs first: what is written meanwhile is named by a record and not in the list; the other way round it would look like nobody's.
        var blobs = await ListBlobsAsync(cancellationToken);
        var images = await ReadImagesAsync(WithUsesAsync, cancellationToken);
        var strays = await StrayManifests.FindAsync(warehouse.Blobs, blobs.Values, images, cancellationToken);
        return new StorageState(images, blobs, strays, inUse.All, await CountRecordsAsync(cancellationToken));
    }

    /// <summary>What must not be deleted now: what the images name that there are, what is in use here, and what was written since.</summary>
    public async Task<HashSet<Digest>> ReadNeededAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var fresh = (await ListBlobsAsync(cancellationToken)).Values.Where(b => b.Written >= since).Select(b => b.Digest);
        var images = await ReadImagesAsync((image, _) => ValueTask.FromResult(image), cancellationToken);
        return [.. images.Where(i => !i.Image.IsGone).SelectMany(i => i.Digests), .. fresh, .. inUse.All];
    }

    /// <summary>Of these images those of which a manifest can still be had.</summary>
    public async Task<IReadOnlyCollection<ImageInStore>> WithManifestAsync(IEnumerable<ImageInStore> images, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<ImageInStore>();
        await Parallel.ForEachAsync(images, SomeAtOnce(cancellationToken), async (image, token) =>
        {
            foreach (var manifest in image.Manifests)
            {
                if (await warehouse.Blobs.FindSizeAsync(manifest, token) is not null)
                {
                    found.Add(image);
                    break;
                }
            }
        });
        return found;
    }

    public async Task<Dictionary<Digest, ListedBlob>> ListBlobsAsync(CancellationToken cancellationToken)
    {
        var blobs = new Dictionary<Digest, ListedBlob>();
        if (warehouse.Blobs is IBlobInventory inventory)
        {
            await foreach (var blob in inventory.ListAsync(cancellationToken))
            {
                blobs[blob.Digest] = blob;
            }
        }

        return blobs;
    }

    /// <summary>How many bytes there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        (await ListBlobsAsync(cancellationToken)).Values.Sum(b => b.SizeBytes) + await CountRecordsAsync(cancellationToken);

    /// <summary>The images as they are known now, in any order.</summary>
    public async Task<IReadOnlyCollection<ImageInStore>> WithUsesAsync(IEnumerable<ImageInStore> images, CancellationToken cancellationToken)
    {
        var known = new ConcurrentBag<ImageInStore>();
        await Parallel.ForEachAsync(images, SomeAtOnce(cancellationToken), async (image, token) => known.Add(await WithUsesAsync(image, token)));
        return known;
    }

    /// <summary>The image as it is known now: used meanwhile, perhaps.</summary>
    public async ValueTask<ImageInStore> WithUsesAsync(ImageInStore image, CancellationToken cancellationToken)
    {
        DateOnly? last = null;
        foreach (var manifest in image.Manifests)
        {
            var day = await FindDayAsync(manifest, cancellationToken);
            last = last is null || day > last ? day : last;
        }

        return image with { LastDay = last, LastAnswered = image.Manifests.Select(uses.FindLast).Max() };
    }

    /// <summary>When a server other than this one has answered anything last, as far as it has said so; null when none has.</summary>
    public async Task<DateTimeOffset?> FindOthersAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? last = null;
        await foreach (var listed in warehouse.Records.ListAsync(ImageUses.SignKind, cancellationToken))
        {
            if (listed.Key.Hex != uses.Sign.Hex && await FindAsync(listed.Key, UseJson.Default.SignRecord, cancellationToken) is { } sign)
            {
                last = last is null || sign.At > last ? sign.At : last;
            }
        }

        return last;
    }

    /// <summary>Writes down that the image is gone.</summary>
    public Task MarkAsync(ImageInStore image, CancellationToken cancellationToken) => warehouse.Records.PutAsync(
        image.Key, JsonSerializer.SerializeToUtf8Bytes(image.Image with { IsGone = true }, BuildRecordJson.Default.StoredImage), cancellationToken);

    public static ParallelOptions SomeAtOnce(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken };

    private async Task<long> CountRecordsAsync(CancellationToken cancellationToken)
    {
        var bytes = 0L;
        foreach (var kind in RecordKinds.All)
        {
            await foreach (var record in warehouse.Records.ListAsync(kind, cancellationToken))
            {
                bytes += record.SizeBytes;
            }
        }

        return bytes;
    }

    private async Task<IReadOnlyList<ImageInStore>> ReadImagesAsync(
        Func<ImageInStore, CancellationToken, ValueTask<ImageInStore>> complete, CancellationToken cancellationToken)
    {
        var images = new ConcurrentBag<ImageInStore>();
        // Images have most of their layers from others: a hundred thousand of them are a gigabyte of digests, and few different ones.
        var blobs = new ConcurrentDictionary<StoredBlob, StoredBlob>();
        await Parallel.ForEachAsync(
            warehouse.Records.ListAsync("image", cancellationToken),
            SomeAtOnce(cancellationToken),
            async (listed, token) =>
            {
                if (await FindAsync(listed.Key, BuildRecordJson.Default.StoredImage, token) is { } read)
                {
                    var image = read with { Blobs = [.. read.Blobs.Select(b => blobs.GetOrAdd(b, b))] };
                    images.Add(await complete(new ImageInStore(listed.Key, image, listed.Written, null, null), token));
                }
            });
        return [.. images.OrderBy(i => i.Key.Hex, StringComparer.Ordinal)];
    }

    private async Task<DateOnly?> FindDayAsync(Digest manifest, CancellationToken cancellationToken) =>
        (await FindAsync(ImageUses.KeyOf(manifest), UseJson.Default.UseRecord, cancellationToken))?.Day;

    /// <summary>Null for what is not there, and for what cannot be read: that is for <see cref="StorageCheck"/>.</summary>
    private async Task<T?> FindAsync<T>(RecordKey key, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await warehouse.Records.FindAsync(key, cancellationToken) is { } content ? JsonSerializer.Deserialize(content.Span, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// What the registry remembers of images and layers. A record is believed only while the blobs that it names are there
/// in full length; else what it stood for is made again.
/// </summary>
internal sealed class BuildCache(TypedRecords records, IBlobStore blobs, PullOptions options, TimeProvider time) : IDisposable
{
    /// <summary>An image has up to a hundred blobs, and a busy one is asked for ten thousand times a second.</summary>
    private static readonly TimeSpan BelieveWholeFor = TimeSpan.FromSeconds(1);

    /// <summary>In a bucket each is a request over a network.</summary>
    private const int QuestionsAtOnce = 32;

    private readonly MemoryCache _whole = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public async Task<KnownImage?> FindImageAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var image = await records.FindAsync(key, BuildRecordJson.Default.StoredImage, cancellationToken);
        return image is not { IsGone: false } ? null
            : WasWholeLately(key) ? new KnownImage(image, ImageOrigin.Memory)
            : await IsWholeAsync(key, image, cancellationToken) ? new KnownImage(image, ImageOrigin.Storage)
            : null;
    }

    /// <summary>Whether the image was stored once, though not all of it may be there any more.</summary>
    public async Task<bool> WasImageAsync(RecordKey key, CancellationToken cancellationToken) =>
        await records.FindAsync(key, BuildRecordJson.Default.StoredImage, cancellationToken) is not null;

    public Task RememberImageAsync(RecordKey key, StoredImage image, CancellationToken cancellationToken) =>
        records.PutAsync(key, image, BuildRecordJson.Default.StoredImage, cancellationToken);

    public async Task<WrittenLayer?> FindLayerAsync(LayerKey key, CancellationToken cancellationToken)
    {
        var layer = await records.FindAsync(KeyOf(key), BuildRecordJson.Default.WrittenLayer, cancellationToken);
        return layer is not null && await IsStoredAsync(new StoredBlob(layer.Digest, layer.SizeBytes), cancellationToken) ? layer : null;
    }

    public Task RememberLayerAsync(LayerKey key, WrittenLayer layer, CancellationToken cancellationToken) =>
        records.PutAsync(KeyOf(key), layer, BuildRecordJson.Default.WrittenLayer, cancellationToken);

    /// <summary>Why this image did not build lately, or null.</summary>
    public async Task<string?> FindFailureAsync(RecordKey image, CancellationToken cancellationToken)
    {
        var failure = await records.FindAsync(FailureKey(image), BuildRecordJson.Default.FailureRecord, cancellationToken);
        return failure is not null && time.GetUtcNow() - failure.At < options.RememberFailuresFor ? failure.Explanation : null;
    }

    public Task RememberFailureAsync(RecordKey image, string explanation, CancellationToken cancellationToken) =>
        records.PutAsync(FailureKey(image), new FailureRecord(explanation, time.GetUtcNow()), BuildRecordJson.Default.FailureRecord, cancellationToken);

    public void Dispose() => _whole.Dispose();

    private static RecordKey FailureKey(RecordKey image) => RecordKey.Of("failure", image.Hex);

    private static RecordKey KeyOf(LayerKey key) => RecordKey.Of("layer", key.Text);

    private bool WasWholeLately(RecordKey key) =>
        _whole.TryGetValue(key, out DateTimeOffset at) && time.GetUtcNow() - at < BelieveWholeFor;

    private async Task<bool> IsWholeAsync(RecordKey key, StoredImage image, CancellationToken cancellationToken)
    {
        var lacks = 0;
        await Parallel.ForEachAsync(image.All(), new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken }, async (blob, token) =>
        {
            if (Volatile.Read(ref lacks) == 0 && !await IsStoredAsync(blob, token))
            {
                Interlocked.Increment(ref lacks);
            }
        });
        if (lacks > 0)
        {
            return false;
        }

        _whole.Set(key, time.GetUtcNow(), new MemoryCacheEntryOptions { Size = 1 });
        return true;
    }

    private async ValueTask<bool> IsStoredAsync(StoredBlob blob, CancellationToken cancellationToken) =>
        await blobs.FindSizeAsync(blob.Digest, cancellationToken) == blob.SizeBytes;
}

/// <summary>An image that did not build.</summary>
internal sealed record FailureRecord(string Explanation, DateTimeOffset At);

/// <summary>All constructor parameters must be there: half a record is no record.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(WrittenLayer))]
[JsonSerializable(typeof(FailureRecord))]
internal sealed partial class BuildRecordJson : JsonSerializerContext;

using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// What the registry remembers of images and layers. A record is believed only while the blobs that it names are there
/// in full length; else what it stood for is made again.
/// </summary>
internal sealed class BuildCache(TypedRecords records, IBlobStore blobs, Condemned condemned, PullOptions options, TimeProvider time) : IDisposable
{
    /// <summary>
    /// An image has up to a hundred blobs, and a busy one is asked for ten thousand times a second. Whoever lets an image go waits for
    /// longer than this before anything of it is deleted.
    /// </summary>
    public static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    /// <summary>In a bucket each is a request over a network.</summary>
    private const int QuestionsAtOnce = 32;

    /// <summary>Over all images that are believed at a time.</summary>
    private const int MostBlobs = 200_000;

    /// <summary>What is not believed any more is of no use, and goes soon after.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _whole = new(new MemoryCacheOptions { SizeLimit = MostBlobs, ExpirationScanFrequency = LookEvery });

    public async Task<KnownImage?> FindImageAsync(RecordKey key, CancellationToken cancellationToken)
    {
        // Before the record is read: it may be let go as soon as it was.
        var now = time.GetTimestamp();
        if (_whole.TryGetValue(key, out Seen? seen) && time.GetElapsedTime(seen!.At, now) < BelieveFor)
        {
            return new KnownImage(seen.Image, ImageOrigin.Memory);
        }

        var image = await records.FindAsync(key, BuildRecordJson.Default.StoredImage, cancellationToken);
        if (image is not { IsGone: false } || !await IsWholeAsync(image, cancellationToken))
        {
            return null;
        }

        _whole.Set(key, new Seen(image, now), new MemoryCacheEntryOptions { Size = image.Blobs.Count + 2, AbsoluteExpirationRelativeToNow = BelieveFor });
        return new KnownImage(image, ImageOrigin.Storage);
    }

    /// <summary>Whether the image was stored once, though not all of it may be there any more.</summary>
    public async Task<bool> WasImageAsync(RecordKey key, CancellationToken cancellationToken) =>
        await records.FindAsync(key, BuildRecordJson.Default.StoredImage, cancellationToken) is not null;

    /// <summary>
    /// Writes down that there is such an image, and looks then whether all of it is there for good: what it took from the storage may
    /// have been let go since. See <see cref="Condemned"/> for why the look comes after the record.
    /// </summary>
    /// <returns>False when something of it went; then there is no such image.</returns>
    public async Task<bool> RememberImageAsync(RecordKey key, StoredImage image, CancellationToken cancellationToken)
    {
        await records.PutAsync(key, image, BuildRecordJson.Default.StoredImage, cancellationToken);
        await condemned.WaitAsync([.. image.All().Select(b => b.Digest)], cancellationToken);
        if (await IsWholeAsync(image, cancellationToken))
        {
            return true;
        }

        await records.PutAsync(key, image with { IsGone = true }, BuildRecordJson.Default.StoredImage, cancellationToken);
        return false;
    }

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

    private async ValueTask<bool> IsWholeAsync(StoredImage image, CancellationToken cancellationToken)
    {
        var lacks = 0;
        await Parallel.ForEachAsync(image.All(), new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken }, async (blob, token) =>
        {
            if (Volatile.Read(ref lacks) == 0 && !await IsStoredAsync(blob, token))
            {
                Interlocked.Increment(ref lacks);
            }
        });
        return lacks == 0;
    }

    private async ValueTask<bool> IsStoredAsync(StoredBlob blob, CancellationToken cancellationToken) =>
        await blobs.FindSizeAsync(blob.Digest, cancellationToken) == blob.SizeBytes;

    /// <param name="At">Of a clock that nobody puts back, or what was let go long ago would be believed until then.</param>
    private sealed record Seen(StoredImage Image, long At);
}

/// <summary>An image that did not build.</summary>
internal sealed record FailureRecord(string Explanation, DateTimeOffset At);

/// <summary>All constructor parameters must be there: half a record is no record.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(WrittenLayer))]
[JsonSerializable(typeof(FailureRecord))]
internal sealed partial class BuildRecordJson : JsonSerializerContext;

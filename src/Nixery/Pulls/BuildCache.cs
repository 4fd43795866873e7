using System.Text.Json.Serialization;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// What the registry remembers of images and layers. A record is believed only while the blobs that it names are there.
/// </summary>
internal sealed class BuildCache(TypedRecords records, IBlobStore blobs, PullOptions options, TimeProvider time)
{
    public async Task<StoredImage?> FindImageAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var image = await records.FindAsync(key, BuildRecordJson.Default.StoredImage, cancellationToken);
        return image is not null
            && await IsStoredAsync(image.Oci.Digest, cancellationToken)
            && await IsStoredAsync(image.Docker.Digest, cancellationToken) ? image : null;
    }

    public Task RememberImageAsync(RecordKey key, StoredImage image, CancellationToken cancellationToken) =>
        records.PutAsync(key, image, BuildRecordJson.Default.StoredImage, cancellationToken);

    public async Task<WrittenLayer?> FindLayerAsync(LayerKey key, CancellationToken cancellationToken)
    {
        var layer = await records.FindAsync(KeyOf(key), BuildRecordJson.Default.WrittenLayer, cancellationToken);
        return layer is not null && await IsStoredAsync(layer.Digest, cancellationToken) ? layer : null;
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

    private static RecordKey FailureKey(RecordKey image) => RecordKey.Of("failure", image.Hex);

    private static RecordKey KeyOf(LayerKey key) => RecordKey.Of("layer", key.Text);

    private async Task<bool> IsStoredAsync(Digest digest, CancellationToken cancellationToken) =>
        await blobs.FindSizeAsync(digest, cancellationToken) is not null;
}

/// <summary>An image that did not build.</summary>
internal sealed record FailureRecord(string Explanation, DateTimeOffset At);

/// <summary>All constructor parameters must be there: half a record is no record.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(WrittenLayer))]
[JsonSerializable(typeof(FailureRecord))]
internal sealed partial class BuildRecordJson : JsonSerializerContext;

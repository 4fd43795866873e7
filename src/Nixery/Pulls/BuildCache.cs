using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// What the registry remembers of images and layers. A record is believed only while the blobs that it names are
/// there; one that cannot be read counts as absent, and what it stood for is made again.
/// </summary>
internal sealed partial class BuildCache(IRecordStore records, IBlobStore blobs, ILogger<BuildCache> logger)
{
    public async Task<StoredImage?> FindImageAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var image = await FindAsync(key, RecordJson.Default.StoredImage, cancellationToken);
        return image is not null
            && await IsStoredAsync(image.Oci.Digest, cancellationToken)
            && await IsStoredAsync(image.Docker.Digest, cancellationToken) ? image : null;
    }

    public Task RememberImageAsync(RecordKey key, StoredImage image, CancellationToken cancellationToken) =>
        records.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(image, RecordJson.Default.StoredImage), cancellationToken);

    public async Task<WrittenLayer?> FindLayerAsync(LayerKey key, CancellationToken cancellationToken)
    {
        var layer = await FindAsync(KeyOf(key), RecordJson.Default.WrittenLayer, cancellationToken);
        return layer is not null && await IsStoredAsync(layer.Digest, cancellationToken) ? layer : null;
    }

    public Task RememberLayerAsync(LayerKey key, WrittenLayer layer, CancellationToken cancellationToken) =>
        records.PutAsync(KeyOf(key), JsonSerializer.SerializeToUtf8Bytes(layer, RecordJson.Default.WrittenLayer), cancellationToken);

    private static RecordKey KeyOf(LayerKey key) => RecordKey.Of("layer", key.Text);

    private async Task<bool> IsStoredAsync(Digest digest, CancellationToken cancellationToken) =>
        await blobs.FindSizeAsync(digest, cancellationToken) is not null;

    private async Task<T?> FindAsync<T>(RecordKey key, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var content = await records.FindAsync(key, cancellationToken);
        try
        {
            return content is null ? null : JsonSerializer.Deserialize(content, type);
        }
        catch (JsonException e)
        {
            Log.RecordUnreadable(logger, key.Kind, key.Hex, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "The {Kind} record {Key} cannot be read and counts as absent: {Problem}")]
        public static partial void RecordUnreadable(ILogger logger, string kind, string key, string problem);
    }
}

/// <summary>All constructor parameters must be there: half a record is no record.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(WrittenLayer))]
internal sealed partial class RecordJson : JsonSerializerContext;

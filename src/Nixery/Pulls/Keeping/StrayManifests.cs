using System.Text.Json;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Manifests that are stored and in no record, as of a build that was killed between the two: who knew the digest before can get them, so
/// they go before what they name.
/// </summary>
internal static class StrayManifests
{
    /// <summary>What is larger is a layer.</summary>
    private const long LargestBytes = 1024 * 1024;

    public static async Task<IReadOnlyDictionary<Digest, IReadOnlyList<Digest>>> FindAsync(
        IBlobStore store, IEnumerable<ListedBlob> blobs, IEnumerable<ImageInStore> images, CancellationToken cancellationToken)
    {
        var known = images.SelectMany(i => i.Digests).ToHashSet();
        var strays = new Dictionary<Digest, IReadOnlyList<Digest>>();
        foreach (var blob in blobs.Where(b => b.SizeBytes <= LargestBytes && !known.Contains(b.Digest)))
        {
            if (await ReadAsync(store, blob, cancellationToken) is { } named)
            {
                strays.Add(blob.Digest, named);
            }
        }

        return strays;
    }

    private static async Task<IReadOnlyList<Digest>?> ReadAsync(IBlobStore store, ListedBlob blob, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenAsync(blob.Digest, ByteRange.Whole, cancellationToken);
        var first = new byte[1];
        if (stream is null || await stream.ReadAsync(first, cancellationToken) == 0 || first[0] != '{')
        {
            return null;
        }

        using var content = new MemoryStream();
        content.Write(first);
        await stream.CopyToAsync(content, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(content.ToArray());
            return Named(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<Digest>? Named(JsonElement manifest) =>
        manifest.TryGetProperty("layers", out var layers) && manifest.TryGetProperty("config", out var config)
        && layers.ValueKind == JsonValueKind.Array && config.ValueKind == JsonValueKind.Object
            ? [.. layers.EnumerateArray().Append(config).Select(DigestOf).OfType<Digest>()]
            : null;

    private static Digest? DigestOf(JsonElement descriptor) =>
        descriptor.ValueKind == JsonValueKind.Object && descriptor.TryGetProperty("digest", out var text) && text.ValueKind == JsonValueKind.String
        && Digest.TryParse(text.GetString()!, out var digest)
            ? digest
            : null;
}

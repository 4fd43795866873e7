using Microsoft.Extensions.Caching.Memory;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server;

/// <summary>A stored manifest with the type that it says of itself.</summary>
internal sealed record StoredManifest(string MediaType, byte[] Content);

/// <summary>
/// Reads manifests, and keeps those that were lately used in memory: what a digest names never changes. The stores keep no types,
/// so this is also who knows whether a blob is a manifest.
/// </summary>
internal sealed class ManifestReader(IBlobStore blobs) : IDisposable
{
    /// <summary>A manifest of ours is a few kilobytes; what is larger is a layer.</summary>
    private const long LargestManifestBytes = 1024 * 1024;

    private const long KeptBytes = 32 * 1024 * 1024;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = KeptBytes });

    /// <returns>Null when there is no such blob, or it is no manifest.</returns>
    public async ValueTask<StoredManifest?> FindAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(digest, out StoredManifest? kept))
        {
            return kept;
        }

        var manifest = await ReadAsync(digest, cancellationToken);
        if (manifest is not null)
        {
            _kept.Set(digest, manifest, new MemoryCacheEntryOptions { Size = manifest.Content.Length + 200 });
        }

        return manifest;
    }

    public void Dispose() => _kept.Dispose();

    private async Task<StoredManifest?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (await blobs.FindSizeAsync(digest, cancellationToken) is not (> 0 and <= LargestManifestBytes and var size))
        {
            return null;
        }

        await using var stream = await blobs.OpenAsync(digest, ByteRange.Whole, cancellationToken);
        var content = new byte[size];
        // The first byte of a layer says that it is compressed: the rest of it need not be read to know.
        if (stream is null || await stream.ReadAsync(content.AsMemory(0, 1), cancellationToken) == 0 || content[0] != '{')
        {
            return null;
        }

        await stream.ReadExactlyAsync(content.AsMemory(1), cancellationToken);
        return ImageManifest.FindMediaType(content) is { } mediaType ? new StoredManifest(mediaType, content) : null;
    }
}

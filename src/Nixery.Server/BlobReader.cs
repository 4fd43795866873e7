using Microsoft.Extensions.Caching.Memory;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server;

/// <summary>
/// Finds what is asked for by digest, and keeps what is small and was lately used in memory: what a digest names never changes.
/// The stores keep no types, so this is also who knows whether a blob is a manifest.
/// </summary>
internal sealed partial class BlobReader(IBlobStore blobs, ILogger<BlobReader> logger) : IDisposable
{
    /// <summary>A manifest of ours is a few kilobytes, and so are image configurations; what is larger is a layer.</summary>
    private const long LargestManifestBytes = 1024 * 1024;

    /// <summary>Up to here anything is kept; above it only what may be a manifest.</summary>
    private const long LargestKeptBytes = 64 * 1024;

    private const long KeptBytes = 32 * 1024 * 1024;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = KeptBytes });

    /// <returns>Null when there is no such blob, or what is there is not it.</returns>
    public async ValueTask<FoundBlob?> FindAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(digest, out KeptBlob? kept))
        {
            return kept;
        }

        if (await blobs.FindSizeAsync(digest, cancellationToken) is not { } size)
        {
            return null;
        }

        return await IsSmallAsync(digest, size, cancellationToken)
            ? await ReadAsync(digest, size, cancellationToken)
            : new StreamedBlob(digest, size, blobs);
    }

    public void Dispose() => _kept.Dispose();

    private async ValueTask<bool> IsSmallAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (size is <= LargestKeptBytes or > LargestManifestBytes)
        {
            return size <= LargestKeptBytes;
        }

        // The first byte of a layer says that it is compressed: the rest of it need not be read to know.
        await using var stream = await blobs.OpenAsync(digest, new ByteRange(0, 1), cancellationToken);
        var first = new byte[1];
        return stream is not null && await stream.ReadAsync(first, cancellationToken) == 1 && first[0] == '{';
    }

    private async Task<KeptBlob?> ReadAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        await using var stream = await blobs.OpenAsync(digest, ByteRange.Whole, cancellationToken);
        if (stream is null)
        {
            return null;
        }

        var content = new byte[size];
        await stream.ReadExactlyAsync(content, cancellationToken);
        if (Digest.Of(content) != digest)
        {
            await TakeAwayAsync(digest, cancellationToken);
            return null;
        }

        var blob = new KeptBlob(digest, content is [(byte)'{', ..] ? ImageManifest.FindMediaType(content) : null, content);
        _kept.Set(digest, blob, new MemoryCacheEntryOptions { Size = size + 400 });
        return blob;
    }

    /// <summary>What is not what its digest names is of no use to anybody, and while it is there nobody makes it again.</summary>
    private async Task TakeAwayAsync(Digest digest, CancellationToken cancellationToken)
    {
        Log.Damaged(logger, digest);
        if (blobs is IBlobInventory inventory)
        {
            await inventory.DeleteAsync(digest, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Warning, "The stored bytes of {Digest} are not what it names: they are taken away, and made again when the image is pulled by its tag")]
        public static partial void Damaged(ILogger logger, Digest digest);
    }
}

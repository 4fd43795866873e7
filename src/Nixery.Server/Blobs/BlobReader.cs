using Microsoft.Extensions.Caching.Memory;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Storage;

namespace Nixery.Server.Blobs;

/// <summary>
/// Finds what is asked for by digest, and keeps what is small and was lately used in memory: what a digest names never changes.
/// The stores keep no types, so this is also who knows whether a blob is a manifest.
/// </summary>
internal sealed partial class BlobReader(IBlobStore blobs, PullOptions options, TimeProvider time, ILogger<BlobReader> logger) : IDisposable
{
    /// <summary>A manifest of ours is a few kilobytes, and so are image configurations; what is larger is a layer.</summary>
    private const long LargestManifestBytes = 1024 * 1024;

    /// <summary>Up to here anything is kept; above it only what may be a manifest.</summary>
    private const long LargestKeptBytes = 64 * 1024;

    /// <summary>
    /// What is in memory is served as long as it is in the storage: a manifest whose layers are let go is to be gone, too. A store is
    /// asked once a second for one that is asked for all the time.
    /// </summary>
    private static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = options.MemoryBytes });

    /// <returns>Null when there is no such blob, or what is there is not it.</returns>
    public async ValueTask<FoundBlob?> FindAsync(Digest digest, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (_kept.TryGetValue(digest, out Kept? kept) && await IsThereAsync(kept!, now, cancellationToken))
        {
            return kept!.Blob;
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

    private async ValueTask<bool> IsThereAsync(Kept kept, long now, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(kept.SeenAt, now) < BelieveFor)
        {
            return true;
        }

        if (await blobs.FindSizeAsync(kept.Blob.Digest, cancellationToken) != kept.Blob.SizeBytes)
        {
            _kept.Remove(kept.Blob.Digest);
            return false;
        }

        kept.SeenAt = now;
        return true;
    }

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
        var now = time.GetTimestamp();
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
        _kept.Set(digest, new Kept(blob, now), new MemoryCacheEntryOptions { Size = size + Remembered.EntryBytes });
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

    private sealed class Kept(KeptBlob blob, long seenAt)
    {
        private long _seenAt = seenAt;

        public KeptBlob Blob => blob;

        /// <summary>When the storage had it last.</summary>
        public long SeenAt
        {
            get => Volatile.Read(ref _seenAt);
            set => Volatile.Write(ref _seenAt, value);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Warning, "The stored bytes of {Digest} are not what it names: they are taken away, and made again when the image is pulled by its tag")]
        public static partial void Damaged(ILogger logger, Digest digest);
    }
}

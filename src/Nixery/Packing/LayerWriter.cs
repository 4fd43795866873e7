using Microsoft.Extensions.Logging;
using Nixery.Closures;
using Nixery.Oci;
using Nixery.Rootfs;
using Nixery.Storage;

namespace Nixery.Packing;

/// <summary>
/// Turns a group of store paths, or a root tree, into one stored blob, in one pass: tar, diffID, gzip, digest, storage. A few
/// at a time, over all pulls.
/// </summary>
internal sealed partial class LayerWriter(
    StoreTreeReader store, IBlobStore blobs, PackingOptions options, TimeProvider time, ILogger<LayerWriter> logger) : IDisposable
{
    /// <summary>How the tar is laid out; raise it whenever the bytes of a tar come out differently.</summary>
    private const string TarFormat = "gnu-1";

    private readonly SemaphoreSlim _places = new(options.LayersAtOnce, options.LayersAtOnce);

    /// <summary>Names all that decides about a layer's bytes besides its content.</summary>
    public static string Packing => $"{TarFormat}/{LayerCompressor.EncoderId}";

    public Task<WrittenLayer> WriteAsync(IReadOnlyList<StorePath> paths, CancellationToken cancellationToken) =>
        WriteAsync(new StorePathTar(store, paths), paths[0].Name, cancellationToken);

    public Task<WrittenLayer> WriteAsync(RootTree root, CancellationToken cancellationToken) =>
        WriteAsync(new RootLayerTar(root), "/", cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<WrittenLayer> WriteAsync(ILayerContent content, string first, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            var begun = time.GetTimestamp();
            await using var blob = await blobs.CreateAsync(cancellationToken);
            var tar = await LayerCompressor.PackAsync(content, blob.Content, cancellationToken);
            var stored = await blob.CommitAsync(cancellationToken);
            Log.Packed(logger, stored.Digest, first, tar.TarSizeBytes, stored.SizeBytes, (long)time.GetElapsedTime(begun).TotalMilliseconds);
            return new WrittenLayer(stored.Digest, stored.SizeBytes, tar.DiffId);
        }
        finally
        {
            _places.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Debug, "Packed {Digest} ({First} …): {TarBytes} bytes of tar, {StoredBytes} stored, in {Milliseconds} ms")]
        public static partial void Packed(ILogger logger, Digest digest, string first, long tarBytes, long storedBytes, long milliseconds);
    }
}

using Microsoft.Extensions.Logging;
using Nixery.Layers;
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

    /// <exception cref="StoreObjectChangedException">The store has not all of it; nothing is stored.</exception>
    /// <exception cref="FileNotFoundException">The store has not one of the paths; nothing is stored.</exception>
    public Task<WrittenLayer> WriteAsync(PlannedLayer planned, CancellationToken cancellationToken)
    {
        var tar = new StorePathTar(store, planned.Paths);
        return WriteAsync(tar, planned.Paths[0].Name, CheckSize, cancellationToken);

        void CheckSize()
        {
            if (tar.NarSizeBytes != planned.NarSizeBytes)
            {
                throw new StoreObjectChangedException(
                    $"{string.Join(", ", planned.Paths.Select(p => p.Name))}: the store has {tar.NarSizeBytes} bytes where Nix has registered {planned.NarSizeBytes}");
            }
        }
    }

    public Task<WrittenLayer> WriteAsync(RootTree root, CancellationToken cancellationToken) =>
        WriteAsync(new RootLayerTar(root), "/", () => { }, cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<WrittenLayer> WriteAsync(ILayerContent content, string first, Action check, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            var begun = time.GetTimestamp();
            await using var blob = await blobs.CreateAsync(cancellationToken);
            var tar = await LayerCompressor.PackAsync(content, blob.Content, cancellationToken);
            check();
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

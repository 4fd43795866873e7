using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Rootfs;
using Nixery.Sight;
using Nixery.Storage;

namespace Nixery.Packing;

/// <summary>
/// Turns a group of store paths, or a root tree, into one stored blob, in one pass: tar, diffID, compression, digest, storage.
/// </summary>
internal sealed partial class LayerWriter(
    StoreTreeReader store, IBlobStore blobs, LayerCompressor compressor, TimeProvider time, ILogger<LayerWriter> logger)
{
    /// <summary>How the tar is laid out; raise it whenever the bytes of a tar come out differently.</summary>
    private const string TarFormat = "gnu-1";

    /// <summary>Names all that decides about a layer's bytes besides its content.</summary>
    public string Packing { get; } = $"{TarFormat}/{compressor.Format.Identity}";

    /// <summary>What the layers' media type must say.</summary>
    public LayerCompression Compression => compressor.Format.Compression;

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

    private async Task<WrittenLayer> WriteAsync(ILayerContent content, string first, Action check, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        await using var blob = await blobs.CreateAsync(cancellationToken);
        var tar = await compressor.PackAsync(content, blob.Content, cancellationToken);
        check();
        var stored = await blob.CommitAsync(cancellationToken);
        Figures.CountPacked(tar.TarSizeBytes, stored.SizeBytes);
        Log.Packed(
            logger, stored.Digest, first, tar.TarSizeBytes, stored.SizeBytes, Packing, (long)time.GetElapsedTime(begun).TotalMilliseconds);
        return new WrittenLayer(stored.Digest, stored.SizeBytes, tar.DiffId);
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Debug, "Packed {Digest} ({First} …): {TarBytes} bytes of tar, {StoredBytes} stored by {Packing}, in {Milliseconds} ms")]
        public static partial void Packed(ILogger logger, Digest digest, string first, long tarBytes, long storedBytes, string packing, long milliseconds);
    }
}

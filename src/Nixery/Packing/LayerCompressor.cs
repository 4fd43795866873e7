using System.IO.Compression;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Packing;

/// <summary>A tar that was packed.</summary>
/// <param name="DiffId">The digest of the bare tar.</param>
/// <param name="TarSizeBytes">The length of the bare tar.</param>
internal sealed record PackedTar(Digest DiffId, long TarSizeBytes);

/// <summary>
/// Makes a layer's bytes in one pass and with flat memory: tar, its diffID on the way, gzip, destination.
/// Level 5: measured, it packs a fifth faster than 6 and leaves 0.3 % more; 4 is slower and bigger than 5.
/// </summary>
internal static class LayerCompressor
{
    /// <summary>Names encoder and level; part of a layer's key, since another encoder makes other bytes of the same tar.</summary>
    public const string EncoderId = "gzip-bcl-5";

    private const int BufferBytes = 256 * 1024;
    private static readonly ZLibCompressionOptions Options = new() { CompressionLevel = 5 };

    /// <summary>
    /// Packs <paramref name="content"/> into <paramref name="destination"/>, which is only written to (by a thread that may
    /// block), flushed and left open. After a failure or a cancellation the destination holds half a layer: discard it.
    /// </summary>
    public static Task<PackedTar> PackAsync(ILayerContent content, Stream destination, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Pack(content, destination, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // The buffers: tar headers are 512 bytes each, and gzip hands on 8 KiB at a time.
    private static PackedTar Pack(ILayerContent content, Stream destination, CancellationToken cancellationToken)
    {
        var toDestination = new BufferedStream(destination, BufferBytes);
        using var gzip = new GZipStream(toDestination, Options, leaveOpen: true);
        using var hashing = new HashingStream(gzip);
        var toHashing = new BufferedStream(hashing, BufferBytes);
        content.WriteTo(toHashing, cancellationToken);
        toHashing.Flush();
        var packed = new PackedTar(hashing.GetDigest(), hashing.WrittenBytes);
        gzip.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        toDestination.Flush();
        return packed;
    }
}

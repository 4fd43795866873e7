using Nixery.Oci;

namespace Nixery.Packing.Encoders;

/// <summary>Gzip members by libdeflate, which compresses whole buffers and nothing else; just what the pieces are.</summary>
internal sealed class LibdeflateEncoder(int level) : IPieceEncoder
{
    /// <summary>The fastest that leaves no more than <c>gzip -6</c>; docs/packing.md has the figures.</summary>
    public const decimal DefaultLevel = 4.6m;

    private const int PieceBytes = 1024 * 1024;

    private readonly Libdeflate.Compressor _compressor = Libdeflate.AllocateCompressor(level) is { IsInvalid: false } allocated
        ? allocated
        : throw new InsufficientMemoryException("libdeflate has no memory for a compressor");

    public static EncoderKind Kind()
    {
        // The bound is one for all levels, and so says which.
        using var encoder = new LibdeflateEncoder(Libdeflate.HighestLevel);
        var most = (int)Libdeflate.GzipCompressBound(encoder._compressor, PieceBytes);
        return new EncoderKind("gzip-libdeflate", LayerCompression.Gzip, PieceBytes, most, level => new LibdeflateEncoder(level));
    }

    public int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        var written = Libdeflate.GzipCompress(_compressor, piece, (nuint)piece.Length, destination, (nuint)destination.Length);
        return written > 0 ? (int)written : throw new ArgumentException("the destination is too small", nameof(destination));
    }

    public void Dispose() => _compressor.Dispose();
}

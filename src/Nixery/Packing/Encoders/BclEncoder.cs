using System.IO.Compression;
using Nixery.Oci;

namespace Nixery.Packing.Encoders;

/// <summary>Gzip members by .NET itself, for where libdeflate is not installed.</summary>
internal sealed class BclEncoder(int level) : IPieceEncoder
{
    /// <summary>By 7, which leaves a hundredth less than 6 and takes half as long again, three pieces in five; docs/packing.md has the figures.</summary>
    public const decimal DefaultLevel = 6.6m;

    public const int HighestLevel = 9;

    private const int PieceBytes = 1024 * 1024;

    /// <summary>Header, trailer, and five bytes for each stored block: what cannot be compressed is stored.</summary>
    private const int MostEncodedBytes = PieceBytes + (PieceBytes / 16) + 1024;

    private readonly ZLibCompressionOptions _options = new() { CompressionLevel = level };

    // The destination of a piece is a span, and a stream needs an array: one of the encoder's own.
    private readonly MemoryStream _encoded = new(MostEncodedBytes);

    public static EncoderKind Kind { get; } =
        new("gzip-bcl", LayerCompression.Gzip, PieceBytes, MostEncodedBytes, level => new BclEncoder(level));

    public int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        _encoded.SetLength(0);
        using (var gzip = new GZipStream(_encoded, _options, leaveOpen: true))
        {
            gzip.Write(piece);
        }

        _encoded.GetBuffer().AsSpan(0, (int)_encoded.Length).CopyTo(destination);
        return (int)_encoded.Length;
    }

    public void Dispose() => _encoded.Dispose();
}

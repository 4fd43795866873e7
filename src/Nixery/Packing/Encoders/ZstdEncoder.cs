using Nixery.Oci;

namespace Nixery.Packing.Encoders;

/// <summary>Frames by libzstd, each with its content's length, so that a reader knows what memory it needs.</summary>
internal sealed class ZstdEncoder(int level) : IPieceEncoder
{
    /// <summary>zstd's own default; docs/packing.md has the figures.</summary>
    public const decimal DefaultLevel = 3;

    private const int PieceBytes = 2 * 1024 * 1024;

    private readonly Zstd.Context _context = Zstd.CreateContext() is { IsInvalid: false } created
        ? created
        : throw new InsufficientMemoryException("zstd has no memory for a context");

    public static EncoderKind Kind()
    {
        var version = Zstd.VersionNumber();
        return new EncoderKind(
            $"zstd-{version / 10000}.{version / 100 % 100}.{version % 100}",
            LayerCompression.Zstd,
            PieceBytes,
            (int)Zstd.CompressBound(PieceBytes),
            level => new ZstdEncoder(level));
    }

    public int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        var written = Zstd.Compress(_context, destination, (nuint)destination.Length, piece, (nuint)piece.Length, level);
        return Zstd.IsError(written) == 0 ? (int)written : throw new ArgumentException("the destination is too small", nameof(destination));
    }

    public void Dispose() => _context.Dispose();
}

namespace Nixery.Packing.Encoders;

/// <summary>
/// Compresses pieces of a tar. What comes of each stands alone (a gzip member, a zstd frame), so that pieces are compressed in any
/// order and by any thread, and their results one after the other are the compressed tar. For use by one thread at a time.
/// </summary>
internal interface IPieceEncoder : IDisposable
{
    /// <summary>Compresses all of a piece: the same number and content, the same bytes, whatever came before.</summary>
    /// <param name="number">The place of the piece in its tar, from 0.</param>
    /// <param name="piece">At most <see cref="PieceFormat.PieceBytes"/>.</param>
    /// <param name="destination">Has room for <see cref="PieceFormat.MostEncodedBytes"/>.</param>
    /// <returns>How many bytes of <paramref name="destination"/> were written.</returns>
    int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination);
}

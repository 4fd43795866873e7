namespace Nixery.Packing.Encoders;

/// <summary>
/// Compresses pieces of a tar. What comes of each stands alone (a gzip member, a zstd frame), so that pieces are compressed in any
/// order and by any thread, and their results one after the other are the compressed tar. For use by one thread at a time.
/// </summary>
internal interface IPieceEncoder : IDisposable
{
    /// <summary>Compresses all of <paramref name="piece"/>: the same piece, the same bytes, whatever came before.</summary>
    /// <param name="destination">Has room for <see cref="PieceFormat.MostEncodedBytes"/>.</param>
    /// <returns>How many bytes of <paramref name="destination"/> were written.</returns>
    int Encode(ReadOnlySpan<byte> piece, Span<byte> destination);
}

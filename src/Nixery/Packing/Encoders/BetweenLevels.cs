namespace Nixery.Packing.Encoders;

/// <summary>
/// A level between two: that share of the pieces, evenly spread, is compressed by the higher one. Encoders have few levels, and from
/// one to the next it can be a quarter of the time.
/// </summary>
internal sealed class BetweenLevels(IPieceEncoder lower, IPieceEncoder higher, decimal shareOfHigher) : IPieceEncoder
{
    public int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        var isHigher = Math.Floor((number + 1) * shareOfHigher) > Math.Floor(number * shareOfHigher);
        return (isHigher ? higher : lower).Encode(number, piece, destination);
    }

    public void Dispose()
    {
        lower.Dispose();
        higher.Dispose();
    }
}

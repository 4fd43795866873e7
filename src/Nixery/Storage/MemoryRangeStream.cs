namespace Nixery.Storage;

/// <summary>Reads a part of <see cref="MemoryPieces"/> that are finished, front to back, and ends there. They stay while it reads, whoever deletes them.</summary>
/// <param name="range">Within them, its length said.</param>
internal sealed class MemoryRangeStream(IReadOnlyList<byte[]> pieces, ByteRange range) : ForwardStream
{
    private readonly long _end = range.Offset + range.Length!.Value;
    private long _position = range.Offset;

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _end - _position)];
        var read = 0;
        while (read < wanted.Length)
        {
            var piece = pieces[(int)(_position / MemoryPieces.PieceBytes)].AsSpan((int)(_position % MemoryPieces.PieceBytes));
            var part = piece[..Math.Min(piece.Length, wanted.Length - read)];
            part.CopyTo(wanted[read..]);
            read += part.Length;
            _position += part.Length;
        }

        return read;
    }
}

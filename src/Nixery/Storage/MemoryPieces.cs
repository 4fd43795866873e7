namespace Nixery.Storage;

/// <summary>Bytes as they are written, in arrays of one size but the last, so that nothing is ever moved and none is too large for an array.</summary>
/// <param name="take">Is told of all that it takes, and by a negative number, at its disposal, that it takes it no more; may refuse.</param>
internal sealed class MemoryPieces(Action<long> take) : AppendingStream
{
    /// <summary>Small enough that the collector has no trouble to find a place for it.</summary>
    public const int PieceBytes = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private long _length;
    private long _taken;

    public override long Length => _length;

    /// <summary>All of it, the last array as long as what is in it. Nothing is written after that.</summary>
    public IReadOnlyList<byte[]> Finish()
    {
        if (_length % PieceBytes is var rest && rest > 0)
        {
            _pieces[^1] = _pieces[^1][..(int)rest];
        }

        return _pieces;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var used = (int)(_length % PieceBytes);
            if (used == 0)
            {
                take(PieceBytes);
                _taken += PieceBytes;
                _pieces.Add(GC.AllocateUninitializedArray<byte>(PieceBytes));
            }

            var part = buffer[..Math.Min(buffer.Length, PieceBytes - used)];
            part.CopyTo(_pieces[^1].AsSpan(used));
            _length += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            take(-_taken);
            _taken = 0;
        }

        base.Dispose(disposing);
    }
}

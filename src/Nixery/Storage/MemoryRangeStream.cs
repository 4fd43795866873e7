namespace Nixery.Storage;

/// <summary>Reads a part of <see cref="MemoryPieces"/> that are finished, front to back, and ends there. They stay while it reads, whoever deletes them.</summary>
/// <param name="range">Within them, its length said.</param>
internal sealed class MemoryRangeStream(IReadOnlyList<byte[]> pieces, ByteRange range) : Stream
{
    private readonly long _end = range.Offset + range.Length!.Value;
    private long _position = range.Offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

using Microsoft.Win32.SafeHandles;

namespace Nixery.Storage;

/// <summary>
/// Reads a part of a file, front to back, and ends there. Owns the file. Its asynchronous reads are done when they return:
/// what is served is in the system's cache of pages almost always, and for a copy out of it a hop to another thread costs
/// more than the copy.
/// </summary>
internal sealed class FileRangeStream : Stream
{
    private readonly SafeFileHandle _file;
    private readonly long _end;
    private long _position;

    private FileRangeStream(SafeFileHandle file, long begin, long end) => (_file, _position, _end) = (file, begin, end);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="ArgumentOutOfRangeException">The range does not lie within the file, which is closed then.</exception>
    public static FileRangeStream Of(SafeFileHandle file, ByteRange range)
    {
        var size = RandomAccess.GetLength(file);
        var length = range.Length ?? (size - range.Offset);
        if (range.Offset < 0 || length < 0 || range.Offset > size - length)
        {
            file.Dispose();
            throw new ArgumentOutOfRangeException(nameof(range), range, "the range is not within the blob");
        }

        return new FileRangeStream(file, range.Offset, range.Offset + length);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _end - _position)];
        var read = wanted.IsEmpty ? 0 : RandomAccess.Read(_file, wanted, _position);
        _position += read;
        return read;
    }

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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}

using Microsoft.Win32.SafeHandles;

namespace Nixery.Packing;

/// <summary>
/// Reads a file of the store once, from start to end, and fails when it has not the length at the end that it had at the
/// start. Looks at the token between buffers: a tar writer that is given this stream can be stopped in the middle of a file.
/// </summary>
internal sealed class StoreFileStream : Stream
{
    private const int BufferBytes = 256 * 1024;

    private readonly string path;
    private readonly SafeFileHandle handle;
    private readonly CancellationToken cancellationToken;
    private long position;

    public StoreFileStream(string path, CancellationToken cancellationToken)
    {
        this.path = path;
        this.cancellationToken = cancellationToken;
        // Without a lock: nobody writes here, and a lock is two calls for each small file.
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        Length = RandomAccess.GetLength(handle);
    }

    public override long Length { get; }

    // The tar writer asks a stream that can seek for its length instead of reading it into memory.
    public override bool CanSeek => true;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = RandomAccess.Read(handle, buffer, position);
        position += read;
        return position > Length || (read == 0 && buffer.Length > 0 && position < Length)
            ? throw new StoreObjectChangedException($"'{path}' changed its length while it was read")
            : read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Into pieces it is read without a buffer between.</summary>
    public override void CopyTo(Stream destination, int bufferSize)
    {
        if (destination is PieceStream pieces)
        {
            while (pieces.Fill(this) > 0)
            {
            }
        }
        else
        {
            base.CopyTo(destination, BufferBytes);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}

using Microsoft.Win32.SafeHandles;

namespace Nixery.Storage;

/// <summary>
/// Reads a part of a file, front to back, and ends there. Owns the file. Its asynchronous reads are done when they return:
/// what is served is in the system's cache of pages almost always, and for a copy out of it a hop to another thread costs
/// more than the copy.
/// </summary>
internal sealed class FileRangeStream : ForwardStream
{
    private readonly SafeFileHandle _file;
    private readonly long _end;
    private long _position;

    private FileRangeStream(SafeFileHandle file, long begin, long end) => (_file, _position, _end) = (file, begin, end);

    /// <exception cref="ArgumentOutOfRangeException">The range does not lie within the file, which is closed then.</exception>
    public static FileRangeStream Of(SafeFileHandle file, ByteRange range)
    {
        try
        {
            range = range.Within(RandomAccess.GetLength(file));
        }
        catch (ArgumentOutOfRangeException)
        {
            file.Dispose();
            throw;
        }

        return new FileRangeStream(file, range.Offset, range.Offset + range.Length!.Value);
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _end - _position)];
        var read = wanted.IsEmpty ? 0 : RandomAccess.Read(_file, wanted, _position);
        _position += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}

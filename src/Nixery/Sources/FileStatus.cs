using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Nixery.Sources;

/// <summary>
/// What the kernel knows of a file without opening it. Its change time moves with every write and cannot be set, as the
/// modification time can: <c>tar</c>, <c>cp -p</c> and <c>touch</c> set that.
/// https://man7.org/linux/man-pages/man2/statx.2.html
/// </summary>
internal readonly partial record struct FileStatus(bool IsRegular, ulong Inode, ulong SizeBytes, long ChangedSeconds, uint ChangedNanoseconds)
{
    private const int AtCurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint BasicFields = 0x7ff;

    // Places in struct statx, which is the same on all machines.
    private const int StatusBytes = 256;
    private const int ModeAt = 28;
    private const int InodeAt = 32;
    private const int SizeAt = 40;
    private const int ChangedAt = 96;

    private const int KindBits = 0xf000;
    private const int RegularFile = 0x8000;

    /// <exception cref="IOException">There is no such file, or it may not be looked at.</exception>
    public static FileStatus Of(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (StatX(AtCurrentFolder, path, DoNotFollowLinks, BasicFields, status) != 0)
        {
            throw new IOException($"cannot look at '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        }

        // The kernel writes in the machine's own order; all machines that .NET runs Linux on but one are little endian.
        return new FileStatus(
            (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeAt..]) & KindBits) == RegularFile,
            BinaryPrimitives.ReadUInt64LittleEndian(status[InodeAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[SizeAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(status[ChangedAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(status[(ChangedAt + sizeof(long))..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> status);
}

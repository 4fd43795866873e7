using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nixery.Storage;

/// <summary>
/// Has the names in a folder written to the medium. A file's own flush says nothing of them (fsync(2)): after a power cut it may be
/// there without a name. The framework opens no folders, so the system is asked itself.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    // File systems that cannot do it for a folder (network ones) say so by these; then there is nothing to be had.
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;

    /// <exception cref="IOException">The medium did not take them.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = Open(folder, ReadOnly);
        if (handle.IsInvalid)
        {
            throw Fault(folder, Marshal.GetLastPInvokeError());
        }

        if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() is var error and not (InvalidArgument or NotSupported))
        {
            throw Fault(folder, error);
        }
    }

    /// <summary>Makes the folder, and those above it, with their names on the medium.</summary>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        Create(parent);
        Directory.CreateDirectory(folder);
        Flush(parent);
    }

    private static IOException Fault(string folder, int error) =>
        new($"{folder} cannot be written to the medium: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}

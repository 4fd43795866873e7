using System.Runtime.InteropServices;

namespace Nixery.Storage;

/// <summary>
/// Gives a file its name in one step (rename(2)). The framework's own move copies where the name is on another file system: then a half
/// file has the name for as long as that takes, and for good when the process is killed.
/// </summary>
internal static partial class Rename
{
    private const int CrossDevice = 18;

    /// <summary>What has the name already is replaced.</summary>
    /// <exception cref="IOException">The file system cannot do it, or not now.</exception>
    public static void Replace(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(file, name, overwrite: true);
            return;
        }

        if (RenameFile(file, name) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException(error == CrossDevice
                ? $"{name} is on another file system than {file}; all of the storage's folder must be on one"
                : $"{name} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string file, string name);
}

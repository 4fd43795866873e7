using System.Runtime.InteropServices;

namespace Nixery.Storage;

/// <summary>
/// A second name for a file, made in one step that fails where the name is taken (link(2)). The framework's own move looks first and
/// renames then, which lets two be the first.
/// </summary>
internal static partial class HardLink
{
    private const int Exists = 17;

    /// <returns>False when the name is taken.</returns>
    /// <exception cref="IOException">The file system cannot do it, or not now.</exception>
    public static bool TryCreate(string file, string name)
    {
        if (Link(file, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Exists ? false : throw new IOException($"{name} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);
}

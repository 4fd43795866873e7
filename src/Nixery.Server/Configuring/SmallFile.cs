using System.Text;

namespace Nixery.Server.Configuring;

/// <summary>
/// Reads files that an operator writes: settings, passwords, keys. What else may stand at their place (a pipe, which nobody writes to; a
/// device, which never ends) would hold up or fill the server that looks at it every second or two.
/// </summary>
internal static class SmallFile
{
    private const int MostBytes = 16 * 1024 * 1024;

    /// <exception cref="IOException">It is not there, or too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        // The length of a link is its own.
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        return file.Length switch
        {
            // An empty file; and pipes and devices, which seem to be empty, and are not opened.
            0 => [],
            > MostBytes => throw new IOException($"{path} has {file.Length} bytes, and more than {MostBytes} are no file of this kind"),
            _ => File.ReadAllBytes(path),
        };
    }

    /// <summary>The same as UTF-8.</summary>
    public static string ReadText(string path) => Encoding.UTF8.GetString(ReadBytes(path)).TrimStart('\uFEFF');
}

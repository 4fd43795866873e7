using System.Security.Cryptography;
using System.Text;

namespace Nixery.Sources;

/// <summary>
/// SHA-256 over the names and contents of a folder, so that the same package set has the same fingerprint on every
/// machine. A file is read again only when the kernel says that it changed; pipes and sockets are no part of it. Not for several threads
/// at a time.
/// </summary>
internal sealed class FolderFingerprint
{
    private Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <returns>64 lower-case hex digits.</returns>
    public string Of(string folder)
    {
        var seen = new Dictionary<string, Known>(StringComparer.Ordinal);
        var lines = new List<string>();
        Walk(new DirectoryInfo(folder), "", seen, lines);
        _known = seen;
        lines.Sort(string.CompareOrdinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    /// <summary>The same for a path that may be a single file.</summary>
    public string OfFileOrFolder(string path) =>
        Directory.Exists(path) ? Of(path) : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private void Walk(DirectoryInfo folder, string prefix, Dictionary<string, Known> seen, List<string> lines)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            var name = prefix + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                lines.Add($"link {Quote(name)} {Quote(target)}");
            }
            else if (entry is DirectoryInfo inner)
            {
                // git rewrites its own folder at each look; the packages are in the work tree
                if (entry.Name != ".git")
                {
                    lines.Add($"folder {Quote(name)}");
                    Walk(inner, name + "/", seen, lines);
                }
            }
            else if (FileStatus.Of(entry.FullName) is { IsRegular: true } status)
            {
                seen[entry.FullName] = HashOf(entry.FullName, status);
                lines.Add($"file {Quote(name)} {seen[entry.FullName].Hash}");
            }
        }
    }

    private Known HashOf(string path, FileStatus status)
    {
        if (_known.TryGetValue(path, out var known) && known.Status == status)
        {
            return known;
        }

        using var content = File.OpenRead(path);
        return new Known(status, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    // A file name may hold a space or a line break; its length keeps the lines unambiguous.
    private static string Quote(string name) => $"{name.Length}:{name}";

    private sealed record Known(FileStatus Status, string Hash);
}

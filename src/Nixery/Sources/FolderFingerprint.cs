using System.Security.Cryptography;
using System.Text;

namespace Nixery.Sources;

/// <summary>
/// SHA-256 over the names and contents of a folder, so that the same package set has the same fingerprint on every
/// machine. A file is read again only when its size or time has changed. Not for several threads at a time.
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
            else if (entry is FileInfo file && file.Attributes.HasFlag(FileAttributes.Device) is false)
            {
                seen[name] = HashOf(file, name);
                lines.Add($"file {Quote(name)} {seen[name].Hash}");
            }
        }
    }

    private Known HashOf(FileInfo file, string name)
    {
        var (size, time) = (file.Length, file.LastWriteTimeUtc.Ticks);
        if (_known.TryGetValue(name, out var known) && known.Size == size && known.Time == time)
        {
            return known;
        }

        using var content = file.OpenRead();
        return new Known(size, time, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    // A file name may hold a space or a line break; its length keeps the lines unambiguous.
    private static string Quote(string name) => $"{name.Length}:{name}";

    private sealed record Known(long Size, long Time, string Hash);
}

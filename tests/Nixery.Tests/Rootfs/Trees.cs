using Nixery.Closures;
using Nixery.Rootfs;

namespace Nixery.Tests.Rootfs;

/// <summary>Trees from lines: <c>bin/git*</c> an executable, <c>etc/x</c> a file, <c>empty/</c> a directory, <c>sbin -> bin</c> a link.</summary>
internal static class Trees
{
    public static OutputTree Output(string name, params string[] lines) => new(Path(name), Directory(lines));

    public static StorePath Path(string name) => StorePath.Parse($"/nix/store/{name.Length % 10}{"0123456789abcdfghijklmnpqrsvwxy"}-{name}");

    /// <summary>Where two lines cannot both be, the first in the order given wins.</summary>
    public static StoreTree.Directory Directory(IEnumerable<string> lines)
    {
        var top = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            Insert(top, line);
        }

        return Freeze(top);
    }

    private static void Insert(SortedDictionary<string, object> top, string line)
    {
        var halves = line.Split(" -> ");
        var parts = halves[0].TrimEnd('*', '/').Split('/');
        var at = top;
        foreach (var part in parts[..^1])
        {
            at.TryAdd(part, new SortedDictionary<string, object>(StringComparer.Ordinal));
            if (at[part] is not SortedDictionary<string, object> below)
            {
                return;
            }

            at = below;
        }

        at.TryAdd(parts[^1], line switch
        {
            _ when halves.Length == 2 => new StoreTree.Link(halves[1]),
            _ when line.EndsWith('/') => new SortedDictionary<string, object>(StringComparer.Ordinal),
            _ => new StoreTree.File(line.EndsWith('*')),
        });
    }

    private static StoreTree.Directory Freeze(SortedDictionary<string, object> entries) =>
        new(entries.Select(e => KeyValuePair.Create(e.Key, e.Value as StoreTree ?? Freeze((SortedDictionary<string, object>)e.Value))));
}

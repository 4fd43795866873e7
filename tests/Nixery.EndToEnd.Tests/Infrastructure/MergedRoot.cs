namespace Nixery.EndToEnd.Infrastructure;

/// <summary>What a container sees: the layers of an image over one another, by path without leading slash.</summary>
internal sealed class MergedRoot
{
    private const int MostLinks = 40;
    private readonly Dictionary<string, LayerEntry> _entries = new(StringComparer.Ordinal);

    public MergedRoot(PulledImage image)
    {
        foreach (var entry in image.Layers.SelectMany(LayerTar.Read))
        {
            _entries[entry.Name == "." ? "" : entry.Name] = entry;
        }
    }

    public IEnumerable<string> Paths => _entries.Keys;

    public LayerEntry? Find(string path) => _entries.GetValueOrDefault(path);

    public IEnumerable<string> ChildrenOf(string folder) =>
        _entries.Keys.Where(p => p.StartsWith(folder + "/", StringComparison.Ordinal) && p.IndexOf('/', folder.Length + 1) < 0);

    /// <summary>Follows links as the kernel does; null where one dangles.</summary>
    public LayerEntry? Resolve(string path) => Resolve(path, MostLinks);

    private LayerEntry? Resolve(string path, int linksLeft)
    {
        var walked = "";
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] is "." or "..")
            {
                walked = names[i] == "." || walked.Length == 0 ? walked : walked[..Math.Max(0, walked.LastIndexOf('/'))];
                continue;
            }

            var parent = walked;
            walked = parent.Length == 0 ? names[i] : $"{parent}/{names[i]}";
            if (Find(walked) is not { } entry)
            {
                return null;
            }

            if (entry.IsLink)
            {
                var target = entry.LinkTarget;
                var rest = string.Join('/', names[(i + 1)..]);
                return linksLeft == 0 ? null : Resolve(target.StartsWith('/') ? $"{target}/{rest}" : $"{parent}/{target}/{rest}", linksLeft - 1);
            }
        }

        return Find(walked);
    }
}

namespace Nixery.Rootfs;

/// <summary>The work of <see cref="RootTree.Of"/>: lays outputs over one another, then the base files below them.</summary>
internal sealed class RootMerge
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;

    private readonly SortedDictionary<string, RootEntry> entries = new(StringComparer.Ordinal);
    private readonly List<RootConflict> conflicts = [];
    private readonly HashSet<StoreTree.Directory> followed = new(ReferenceEqualityComparer.Instance);
    private readonly BaseFiles baseFiles;

    public RootMerge(BaseFiles baseFiles)
    {
        this.baseFiles = baseFiles;
        foreach (var directory in baseFiles.Entries.OfType<RootEntry.Directory>())
        {
            entries.Add(directory.Path, directory);
        }
    }

    public void Add(IReadOnlyList<OutputTree> outputs)
    {
        var tops = outputs.Where(o => o.Tree is StoreTree.Directory)
            .Select(o => new Candidate(o, "", o.Tree, (StoreTree.Directory)o.Tree, null)).ToList();
        // /usr/bin is /bin in every image, so what a package has there goes to /bin, behind what packages have in bin.
        var programs = outputs.Select(o => (Output: o, Node: o.Find("usr/bin") as StoreTree.Directory)).Where(p => p.Node is not null)
            .Select(p => new Candidate(p.Output, "usr/bin", p.Node!, p.Node, null));
        Descend("", [.. tops], [.. programs]);
    }

    /// <summary>All that stands, with the base files for which no output has something of its own.</summary>
    public RootEntry[] Entries()
    {
        foreach (var entry in baseFiles.Entries)
        {
            entries.TryAdd(entry.Path, entry);
        }

        return [.. entries.Values];
    }

    public RootConflict[] Conflicts() => [.. conflicts.OrderBy(c => c.Path, StringComparer.Ordinal)];

    // The candidates are directories that stand at the same place; what they have under the same name meets in Place.
    private void Descend(string path, IReadOnlyList<Candidate> directories, IReadOnlyList<Candidate> alsoBelowIt)
    {
        var byName = directories
            .SelectMany(d => d.Directory!.Entries.Where(e => !IsHidden(path, e.Key)).Select(e => d.Child(e.Key, e.Value)))
            .Concat(alsoBelowIt)
            .GroupBy(c => c.Name, StringComparer.Ordinal);
        foreach (var sameName in byName)
        {
            Place(path.Length == 0 ? sameName.Key : $"{path}/{sameName.Key}", [.. sameName]);
        }
    }

    private void Place(string path, IReadOnlyList<Candidate> found)
    {
        var isBase = entries.ContainsKey(path);
        IReadOnlyList<Candidate> candidates = isBase || found.Count > 1 ? [.. found.Select(FollowedOnce)] : found;
        var mayMerge = path != BaseFiles.StoreParent && (isBase || candidates[0].Directory is not null);
        Candidate[] merged = mayMerge ? [.. candidates.Where(c => c.Directory is not null)] : [];
        if (!isBase)
        {
            entries.Add(path, merged.Length > 1 ? new RootEntry.Directory(path, DirectoryMode) : candidates[0].LinkAt(path));
        }

        if (isBase || merged.Length > 1)
        {
            Descend(path, merged, []);
        }

        var losers = mayMerge ? candidates.Where(c => c.Directory is null) : candidates.Skip(isBase ? 0 : 1);
        conflicts.AddRange(losers.Select(c => new RootConflict(path, isBase ? null : candidates[0].Output.Path, c.Output.Path)));
    }

    // A directory that many links lead to is merged by way of the first of them; for the others the link stays a link. Else a few
    // links that lead to one another would make a tree without end.
    private Candidate FollowedOnce(Candidate candidate) =>
        candidate.Directory is { } directory && !ReferenceEquals(directory, candidate.Node) && !followed.Add(directory)
            ? candidate with { Directory = null }
            : candidate;

    // nix-support holds notes from one Nix build to the next, and nothing at run time reads it; usr/bin is in bin.
    private static bool IsHidden(string path, string name) =>
        (path.Length == 0 && name == "nix-support") || (path == "usr" && name == "bin");

    /// <summary>What one output has at one place.</summary>
    /// <param name="Output">Whose it is.</param>
    /// <param name="Inner">The place inside the output.</param>
    /// <param name="Node">What stands there.</param>
    /// <param name="Directory">The directory that it is or leads to, within the output.</param>
    /// <param name="Parent">The directory it was found in.</param>
    private sealed record Candidate(OutputTree Output, string Inner, StoreTree Node, StoreTree.Directory? Directory, Candidate? Parent)
    {
        public string Name => Inner[(Inner.LastIndexOf('/') + 1)..];

        public Candidate Child(string name, StoreTree node)
        {
            var inner = Inner.Length == 0 ? name : $"{Inner}/{name}";
            return new Candidate(Output, inner, node, node as StoreTree.Directory ?? LinkedDirectory(inner, node), this);
        }

        public RootEntry.Link LinkAt(string path) => new(path, $"{Output.Path}/{Inner}");

        // A link that leads back to a directory on the way here would never end: it stays a link.
        private StoreTree.Directory? LinkedDirectory(string inner, StoreTree node)
        {
            var target = node is StoreTree.Link ? Output.Find(inner) as StoreTree.Directory : null;
            for (var above = this; above is not null && target is not null; above = above.Parent)
            {
                target = ReferenceEquals(above.Directory, target) ? null : target;
            }

            return target;
        }
    }
}

namespace Nixery.Closures;

/// <summary>One store object of a closure.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="NarSizeBytes">Its own size as a NAR, without what it refers to.</param>
/// <param name="References">The store paths it refers to; may hold <paramref name="Path"/> itself.</param>
public sealed record ClosureNode(StorePath Path, long NarSizeBytes, IReadOnlyList<StorePath> References)
{
    /// <summary>A thousand terabytes: what claims more is broken or hostile, and sums of it would run over.</summary>
    public const long MostNarSizeBytes = 1L << 50;
}

/// <summary>
/// The closure of an image: every store path that one of its roots reaches. Nodes are sorted by path, references
/// too; references of a node to itself are dropped; a reference to a path that is not there is refused.
/// </summary>
public sealed class ClosureGraph
{
    private ClosureGraph(IReadOnlyList<ClosureNode> nodes, IReadOnlyList<StorePath> roots)
    {
        Nodes = nodes;
        Roots = roots;
    }

    public IReadOnlyList<ClosureNode> Nodes { get; }

    public IReadOnlyList<StorePath> Roots { get; }

    /// <summary>Checks and sorts what a builder has read.</summary>
    /// <exception cref="InvalidDataException">A path is listed twice with other content, or an edge or a root dangles.</exception>
    public static ClosureGraph Of(IEnumerable<ClosureNode> nodes, IEnumerable<StorePath> roots)
    {
        var byPath = new SortedDictionary<string, ClosureNode>(StringComparer.Ordinal);
        foreach (var node in nodes.Select(Normal))
        {
            if (!byPath.TryAdd(node.Path.Text, node))
            {
                throw new InvalidDataException($"the closure lists {node.Path} twice");
            }
        }

        var sortedRoots = roots.Distinct().Order().ToArray();
        var dangling = byPath.Values.SelectMany(n => n.References).Concat(sortedRoots).FirstOrDefault(p => !byPath.ContainsKey(p.Text));
        return dangling is null
            ? new ClosureGraph([.. byPath.Values], sortedRoots)
            : throw new InvalidDataException($"the closure refers to {dangling}, which is not in it");
    }

    /// <summary>The part of this closure that <paramref name="root"/> reaches.</summary>
    public ClosureGraph Below(StorePath root)
    {
        var byPath = Nodes.ToDictionary(n => n.Path);
        var reached = new HashSet<StorePath> { root };
        for (Queue<StorePath> left = new(reached); left.TryDequeue(out var path);)
        {
            foreach (var reference in byPath[path].References.Where(reached.Add))
            {
                left.Enqueue(reference);
            }
        }

        return new ClosureGraph([.. Nodes.Where(n => reached.Contains(n.Path))], [root]);
    }

    private static ClosureNode Normal(ClosureNode node) =>
        node with { References = [.. node.References.Where(r => r != node.Path).Distinct().Order()] };
}

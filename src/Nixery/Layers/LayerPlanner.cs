using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// Divides a closure into layers so that different images share most of them: the host forest of docs/layering.md,
/// step B, for a registry that has no hint table yet. Without one no store path travels with another: the largest stand
/// alone, so that each is the same layer in every image, and the rest share one tail.
/// The result depends on the set of nodes alone, not on their order.
/// </summary>
internal static class LayerPlanner
{
    /// <summary>Goes into the identity of images: raise it whenever a plan may come out differently.</summary>
    public const string Version = "forest-1";

    /// <param name="closure">The store paths of the image.</param>
    /// <param name="budget">How many layers there may be at most; at least 1. The root layer is not counted.</param>
    public static LayerPlan Plan(ClosureGraph closure, int budget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 1);

        // 1 to 3: with no table every path is the top of a tree of its own.
        var groups = closure.Nodes
            .Select(node => new Group(node, PackageKey.Of(node.Path.Name)))
            .Order(Comparer<Group>.Create(LargestFirst))
            .ToList();

        // 5: over the budget the last layer is the tail.
        var alone = groups.Count <= budget ? groups.Count : budget - 1;
        // 6: without popularity the manifest's order is the order of 4: size descending, key, path.
        var layers = groups.Take(alone).Select(g => new PlannedLayer(g.Node.Path, [g.Node.Path], g.Node.NarSizeBytes)).ToList();
        var rest = groups.Skip(alone).Select(g => g.Node).ToList();
        if (rest.Count > 0)
        {
            // 7: contents sorted by path
            layers.Add(new PlannedLayer(null, [.. rest.Select(n => n.Path).Order()], rest.Sum(n => n.NarSizeBytes)));
        }

        return new LayerPlan(layers);
    }

    // 4: size descending, key, path
    private static int LargestFirst(Group a, Group b)
    {
        var bySize = b.Node.NarSizeBytes.CompareTo(a.Node.NarSizeBytes);
        var byKey = bySize != 0 ? bySize : string.CompareOrdinal(a.Key, b.Key);
        return byKey != 0 ? byKey : a.Node.Path.CompareTo(b.Node.Path);
    }

    private sealed record Group(ClosureNode Node, string Key);
}

using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// Step B of docs/layering.md: a path travels with the host that the table has for it, and a tree of hosts and their passengers is a
/// layer. Its content depends on its top alone, so that all images agree on it. Without a table each path is its own tree.
/// </summary>
internal sealed class ForestPlanner(LayerOptions options) : ILayerPlanner
{
    /// <summary>Raise it whenever a plan may come out differently.</summary>
    private const string Version = "forest-2";

    public string Identity { get; } = $"{Version}/{options.Budget}/{options.SmallestLayerBytes}/{options.WastePerLayerBytes}";

    public LayerPlan Plan(ClosureGraph closure, HintTable? table)
    {
        var graph = GraphByPlace.Of(closure.Nodes);
        var keys = graph.Paths.Select(p => PackageKey.Of(p.Name)).ToArray();
        // 1
        var hints = graph.Paths.Select((path, place) => table?.Find(path, keys[place])).ToArray();
        // 2
        var hosts = hints.Select((hint, place) => hint?.Host is { } host ? FindHost(graph, keys, place, host) : -1).ToArray();
        // 3
        var groups = Groups(graph, keys, hints, hosts);
        // 4
        groups.Sort(LargestFirst);
        // 5
        var own = table is null || !table.HasHosts ? groups.Count : groups.Count(g => g.SizeBytes >= options.SmallestLayerBytes);
        var alone = own == groups.Count && own <= options.Budget ? own : Math.Min(own, options.Budget - 1);
        // 6 and 7
        var layers = groups.Take(alone).Order(Comparer<Group>.Create(MostWantedFirst)).Select(g => g.Layer(graph)).ToList();
        var tail = groups.Skip(alone).SelectMany(g => g.Members).Order().ToList();
        if (tail.Count > 0)
        {
            layers.Add(new PlannedLayer(null, [.. tail.Select(p => graph.Paths[p])], tail.Sum(p => graph.NarSizesBytes[p])));
        }

        return new LayerPlan(layers);
    }

    public string Explain(PlannedLayer layer, ClosureGraph closure, HintTable? table) => LayerReason.Of(layer, closure, table);

    /// <summary>
    /// The table's host in this image: that path, else its name in another build, else in another version. Only a direct referrer counts:
    /// then what travels is in the image whenever its host is. −1 for none.
    /// </summary>
    private static int FindHost(GraphByPlace graph, string[] keys, int place, StorePath host)
    {
        var same = graph.PlaceOf(host);
        if (same >= 0 && Array.BinarySearch(graph.Referrers[place], same) >= 0)
        {
            return same;
        }

        var key = PackageKey.Of(host.Name);
        return graph.Referrers[place].Where(r => keys[r] == key)
            .OrderBy(r => graph.Paths[r].Name == host.Name ? 0 : 1).ThenBy(r => r)
            .FirstOrDefault(-1);
    }

    private static List<Group> Groups(GraphByPlace graph, string[] keys, Hint?[] hints, int[] hosts)
    {
        var tops = new Group[graph.Count];
        // A host comes after what it refers to, so backwards each host has its group before its passengers.
        foreach (var place in graph.DependenciesFirst.Reverse())
        {
            tops[place] = hosts[place] < 0 ? new Group(place, keys[place], hints[place]?.Share ?? 0) : tops[hosts[place]];
            tops[place].Members.Add(place);
            tops[place].SizeBytes += graph.NarSizesBytes[place];
        }

        return [.. tops.Distinct()];
    }

    /// <summary>Size descending, key, path.</summary>
    private static int LargestFirst(Group a, Group b)
    {
        var bySize = b.SizeBytes.CompareTo(a.SizeBytes);
        return bySize != 0 ? bySize : ByKey(a, b);
    }

    /// <summary>Share² × size descending, size descending, key, path: an order that is the same in all images, with what most have at the bottom.</summary>
    private static int MostWantedFirst(Group a, Group b)
    {
        var byWeight = b.Weight.CompareTo(a.Weight);
        return byWeight != 0 ? byWeight : LargestFirst(a, b);
    }

    private static int ByKey(Group a, Group b)
    {
        var byKey = string.CompareOrdinal(a.Key, b.Key);
        return byKey != 0 ? byKey : a.Top.CompareTo(b.Top);
    }

    private sealed class Group(int top, string key, double share)
    {
        public int Top { get; } = top;

        public string Key { get; } = key;

        public List<int> Members { get; } = [];

        public long SizeBytes { get; set; }

        public double Weight => share * share * SizeBytes;

        public PlannedLayer Layer(GraphByPlace graph) =>
            new(graph.Paths[Top], [.. Members.Order().Select(p => graph.Paths[p])], SizeBytes);
    }
}

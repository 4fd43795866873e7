using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// The layers that Nixery itself makes, for those who switch and want what their nodes already hold. An edge from the image to each
/// package, and to each path that is large or popular; what one of those dominates is its layer. Where there are too many layers, those
/// with the lowest merge rating become one. Described in https://tazj.in/blog/nixery-layers
/// </summary>
internal sealed class NixeryPlanner(LayerOptions options) : ILayerPlanner
{
    private const string Version = "nixery-1";

    /// <summary>What Nixery calls a size, here and in the rating, is that of the closure.</summary>
    private const long LargeClosureBytes = 100_000_000;

    private const long Popular = 100;

    /// <summary>What every image has: its popularity whatever the table says.</summary>
    private static readonly (string[] Names, long Popularity) InEveryImage = (["nss-cacert", "iana-etc"], 500_000);

    public string Identity { get; } = $"{Version}/{options.Budget}";

    public LayerPlan Plan(ClosureGraph closure, HintTable? table)
    {
        var layers = Rated(closure, table).Select(l => l.Layer).ToList();
        return new LayerPlan(layers);
    }

    public string Explain(PlannedLayer layer, ClosureGraph closure, HintTable? table) =>
        layer.Top is not { } top ? "the lowest rated, merged to fit the budget"
        : closure.Roots.Contains(top) ? "a package that was asked for, with what it alone leads to"
        : "large, popular or needed in several places, with what it alone leads to";

    /// <summary>The layers with their merge ratings, bottom first: the highest rated first.</summary>
    internal IReadOnlyList<RatedLayer> Rated(ClosureGraph closure, HintTable? table)
    {
        var graph = GraphByPlace.Of(closure.Nodes);
        var sizes = Reach.ClosureSizes(graph);
        var popularity = graph.Paths.Select(p => PopularityOf(p.Name, table)).ToArray();
        var isTop = new bool[graph.Count];
        for (var place = 0; place < graph.Count; place++)
        {
            isTop[place] = sizes[place] > LargeClosureBytes || popularity[place] >= Popular || graph.Referrers[place].Length == 0;
        }

        foreach (var root in closure.Roots)
        {
            isTop[graph.PlaceOf(root)] = true;
        }

        var groups = TopDominators(graph, isTop).Index().GroupBy(p => p.Item, p => p.Index)
            .Select(g => new Group(g.Key, [.. g], Rating(popularity[g.Key], g, sizes)))
            .OrderBy(g => g.Rating).ThenBy(g => g.Top).ToList();
        return [.. Merged(groups).OrderByDescending(g => g.Rating).ThenByDescending(g => g.Top).Select(g => g.Layer(graph))];
    }

    private static long PopularityOf(string name, HintTable? table) =>
        InEveryImage.Names.Any(n => name.StartsWith(n, StringComparison.Ordinal))
            ? InEveryImage.Popularity
            : table?.FindByName(name)?.Referrers ?? 1;

    /// <summary>Of each place the last of the tops through which every way from the image leads; of a top itself.</summary>
    private static int[] TopDominators(GraphByPlace graph, bool[] isTop)
    {
        // In a graph without cycles, and with all referrers done before: where they agree that is it; where they do not, only the image
        // itself dominates the path, and it is a layer's top too.
        var top = new int[graph.Count];
        foreach (var place in graph.DependenciesFirst.Reverse())
        {
            var above = isTop[place] ? [] : graph.Referrers[place].Select(r => top[r]).Distinct().Take(2).ToArray();
            top[place] = above is [var only] ? only : place;
        }

        return top;
    }

    private static ulong Rating(long popularity, IEnumerable<int> members, long[] sizes)
    {
        var sum = 0UL;
        foreach (var member in members)
        {
            sum += (ulong)sizes[member];
        }

        return unchecked((ulong)popularity * sum);
    }

    /// <summary>The lowest rated become one layer, as many as are over the budget and one more.</summary>
    private List<Group> Merged(List<Group> ascending)
    {
        var over = ascending.Count - options.Budget;
        if (over <= 0)
        {
            return ascending;
        }

        var lowest = ascending.Take(over + 1).ToList();
        var rating = lowest.Aggregate(0UL, (sum, g) => unchecked(sum + g.Rating));
        return [.. ascending.Skip(over + 1), new Group(-1, [.. lowest.SelectMany(g => g.Members)], rating)];
    }

    private sealed record Group(int Top, IReadOnlyList<int> Members, ulong Rating)
    {
        public RatedLayer Layer(GraphByPlace graph) => new(
            new PlannedLayer(
                Top < 0 ? null : graph.Paths[Top],
                [.. Members.Order().Select(p => graph.Paths[p])],
                Members.Sum(p => graph.NarSizesBytes[p])),
            Rating);
    }
}

/// <summary>A layer as Nixery rates it: popularity of its top × the sum of closure sizes of what it holds.</summary>
internal sealed record RatedLayer(PlannedLayer Layer, ulong MergeRating);

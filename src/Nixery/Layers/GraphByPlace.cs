using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// A graph of store paths whose paths are numbered in ordinal order, so that comparing places compares paths. References of a path to
/// itself, to what is not there, and those that would close a cycle, which the Nix store never has, are left out.
/// </summary>
internal sealed class GraphByPlace
{
    private GraphByPlace(StorePath[] paths, long[] narSizesBytes, int[][] references, int[] dependenciesFirst)
    {
        Paths = paths;
        NarSizesBytes = narSizesBytes;
        References = references;
        DependenciesFirst = dependenciesFirst;
        Referrers = Reverse(references);
    }

    public int Count => Paths.Length;

    public StorePath[] Paths { get; }

    public long[] NarSizesBytes { get; }

    /// <summary>Of each place, in ascending order.</summary>
    public int[][] References { get; }

    /// <summary>Of each place, in ascending order.</summary>
    public int[][] Referrers { get; }

    /// <summary>All places, each after those that it refers to.</summary>
    public int[] DependenciesFirst { get; }

    /// <param name="nodes">In any order; of two with the same path the first counts.</param>
    public static GraphByPlace Of(IEnumerable<ClosureNode> nodes)
    {
        var sorted = nodes.DistinctBy(n => n.Path).OrderBy(n => n.Path).ToArray();
        var paths = Array.ConvertAll(sorted, n => n.Path);
        var places = new Dictionary<StorePath, int>(sorted.Length);
        foreach (var (place, path) in paths.Index())
        {
            places.Add(path, place);
        }

        var references = Array.ConvertAll(sorted, node => node.References
            .Select(r => places.TryGetValue(r, out var place) ? place : -1)
            .Where(place => place >= 0 && paths[place] != node.Path).Distinct().Order().ToArray());
        var dependenciesFirst = Sort(references);
        return new GraphByPlace(paths, Array.ConvertAll(sorted, n => n.NarSizeBytes), references, dependenciesFirst);
    }

    /// <summary>The place of a path, or −1.</summary>
    public int PlaceOf(StorePath path)
    {
        var place = Array.BinarySearch(Paths, path);
        return place < 0 ? -1 : place;
    }

    /// <summary>Depth first, with a stack of its own: a closure may be deep. Drops from <paramref name="references"/> what closes a cycle.</summary>
    private static int[] Sort(int[][] references)
    {
        var order = new List<int>(references.Length);
        var state = new State[references.Length];
        var open = new Stack<(int Place, int Next)>();
        for (var start = 0; start < references.Length; start++)
        {
            for (Enter(start); open.TryPop(out var at);)
            {
                if (at.Next == references[at.Place].Length)
                {
                    state[at.Place] = State.Done;
                    order.Add(at.Place);
                    continue;
                }

                open.Push((at.Place, at.Next + 1));
                Enter(references[at.Place][at.Next]);
            }
        }

        var rank = new int[references.Length];
        foreach (var (i, place) in order.Index())
        {
            rank[place] = i;
        }

        foreach (var place in order.Where(p => references[p].Any(r => rank[r] > rank[p])))
        {
            references[place] = Array.FindAll(references[place], r => rank[r] < rank[place]);
        }

        return [.. order];

        void Enter(int place)
        {
            if (state[place] == State.New)
            {
                state[place] = State.Open;
                open.Push((place, 0));
            }
        }
    }

    private static int[][] Reverse(int[][] references)
    {
        var counts = new int[references.Length];
        foreach (var target in references.SelectMany(r => r))
        {
            counts[target]++;
        }

        var referrers = Array.ConvertAll(counts, count => new int[count]);
        Array.Clear(counts);
        for (var place = 0; place < references.Length; place++)
        {
            foreach (var target in references[place])
            {
                referrers[target][counts[target]++] = place;
            }
        }

        return referrers;
    }

    private enum State
    {
        New,
        Open,
        Done,
    }
}

using System.Numerics;

namespace Nixery.Layers;

/// <summary>
/// Who reaches whom in a graph, for 64 starts at a time: one word a path instead of one bit for each pair, so that a hundred thousand
/// paths need no more than a megabyte.
/// </summary>
internal static class Reach
{
    private const int Width = 64;

    /// <summary>How many of <paramref name="starts"/> reach each place; a start reaches itself.</summary>
    public static int[] Count(GraphByPlace graph, IReadOnlyList<int> starts)
    {
        var counts = new int[graph.Count];
        ForEachPass(graph, starts, (_, reached) =>
        {
            for (var place = 0; place < reached.Length; place++)
            {
                counts[place] += BitOperations.PopCount(reached[place]);
            }
        });
        return counts;
    }

    /// <summary>The size of each place with all that it reaches.</summary>
    public static long[] ClosureSizes(GraphByPlace graph)
    {
        var sizes = new long[graph.Count];
        ForEachPass(graph, Enumerable.Range(0, graph.Count).ToArray(), (first, reached) =>
        {
            for (var place = 0; place < reached.Length; place++)
            {
                for (var bits = reached[place]; bits != 0; bits &= bits - 1)
                {
                    sizes[first + BitOperations.TrailingZeroCount(bits)] += graph.NarSizesBytes[place];
                }
            }
        });
        return sizes;
    }

    /// <param name="pass">Gets the number of its first start and, of each place, which of the 64 starts from there on reach it.</param>
    private static void ForEachPass(GraphByPlace graph, IReadOnlyList<int> starts, Action<int, ulong[]> pass)
    {
        var reached = new ulong[graph.Count];
        for (var first = 0; first < starts.Count; first += Width)
        {
            Array.Clear(reached);
            for (var i = first; i < Math.Min(first + Width, starts.Count); i++)
            {
                reached[starts[i]] |= 1UL << (i - first);
            }

            for (var i = graph.Count - 1; i >= 0; i--)
            {
                var place = graph.DependenciesFirst[i];
                foreach (var reference in reached[place] == 0 ? [] : graph.References[place])
                {
                    reached[reference] |= reached[place];
                }
            }

            pass(first, reached);
        }
    }
}

using FsCheck;
using FsCheck.Fluent;
using Nixery.Closures;

namespace Nixery.Tests.Layers;

/// <summary>Generated package sets: nodes that refer to earlier ones, each with a name of its own, sizes from nothing to megabytes.</summary>
internal static class Graphs
{
    private const string Base32 = "0123456789abcdfghijklmnpqrsvwxyz";

    /// <summary>A package set, and what two images ask for, of which the second asks for all of the first too.</summary>
    public static readonly Gen<(List<ClosureNode> Set, StorePath[] Small, StorePath[] Large)> WithTwoImages =
        from count in Gen.Choose(2, 60)
        from seeds in Gen.Choose(0, int.MaxValue - 1).ListOf(count)
        from first in Gen.Choose(0, count - 1).NonEmptyListOf()
        from second in Gen.Choose(0, count - 1).ListOf()
        select (
            seeds.Select((seed, i) => Node(i, seed)).ToList(),
            first.Select(PathOf).Distinct().ToArray(),
            first.Concat(second).Select(PathOf).Distinct().ToArray());

    /// <summary>What the roots reach.</summary>
    public static ClosureGraph Closure(List<ClosureNode> set, StorePath[] roots)
    {
        var byPath = set.ToDictionary(n => n.Path);
        var reached = new HashSet<StorePath>(roots);
        for (Queue<StorePath> left = new(reached); left.TryDequeue(out var path);)
        {
            foreach (var reference in byPath[path].References.Where(reached.Add))
            {
                left.Enqueue(reference);
            }
        }

        return ClosureGraph.Of(set.Where(n => reached.Contains(n.Path)), roots);
    }

    private static ClosureNode Node(int index, int seed)
    {
        var references = index == 0 ? [] : new[] { PathOf(seed % index), PathOf(seed / 7 % index), PathOf(seed / 31 % index) };
        long[] sizes = [0, 1000, 200_000, 200_000, 3_000_000, 40_000_000];
        return new ClosureNode(PathOf(index), sizes[seed / 3 % sizes.Length], references);
    }

    // The index is spread over the hash, so that the order of paths is not the order of making.
    private static StorePath PathOf(int index) => StorePath.Parse(
        $"/nix/store/{Base32[(index * 7) % 32]}{Base32[index / 32]}{Base32[index % 32]}{new string('0', 29)}-package{index}x-1.{index}");
}

using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>What Nixery's own code made of the same graphs: the same layers as sets, with the same merge ratings.</summary>
public sealed class NixeryVectorTests
{
    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in Directory.EnumerateFiles(TestFiles.Golden("layers", "nixery")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal))
        {
            foreach (var expected in Vector.Read("nixery", file).GetProperty("expected").EnumerateArray())
            {
                data.Add(file, expected.GetProperty("budget").GetInt32());
            }
        }

        return data;
    }

    [Fact]
    public void There_are_forty_cases() => Cases().Should().HaveCount(40);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Layers_and_ratings_are_those_of_the_original(string file, int budget)
    {
        var vector = Vector.Read("nixery", file);
        var popularity = vector.GetProperty("popularity").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
        var expected = vector.GetProperty("expected").EnumerateArray().Single(e => e.GetProperty("budget").GetInt32() == budget);

        var layers = new NixeryPlanner(new LayerOptions { Budget = budget }).Rated(Vector.Closure(vector), HintTable.OfPopularity(popularity));

        layers.Select(l => Text(l.MergeRating, l.Layer.Paths.Select(p => p.Text))).Should().BeEquivalentTo(
            expected.GetProperty("layers").EnumerateArray().Select(l =>
                Text(l.GetProperty("mergeRating").GetUInt64(), l.GetProperty("contents").EnumerateArray().Select(p => p.GetString()!))));
        layers.Select(l => l.MergeRating).Should().BeInDescendingOrder();
    }

    private static string Text(ulong rating, IEnumerable<string> paths) => $"{rating}: {string.Join(' ', paths.Order(StringComparer.Ordinal))}";
}

using System.Text.Json;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>The reference cases of the study behind the planner: exact layers, in order, with their contents in order.</summary>
public sealed class LayerPlannerVectorTests
{
    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        foreach (var (i, vector) in Vectors().Index())
        {
            data.Add(i, vector.GetProperty("description").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Layers_are_exactly_those_of_the_reference(int index, string description)
    {
        var vector = Vectors().ElementAt(index);
        var graph = ClosureGraph.Of(vector.GetProperty("graph").EnumerateArray().Select(Node), Paths(vector.GetProperty("roots")));

        var layers = LayerPlanner.Plan(graph, vector.GetProperty("budget").GetInt32()).Layers;

        layers.Select(l => l.Paths.Select(p => p.Text)).Should().BeEquivalentTo(
            vector.GetProperty("expected").EnumerateArray().Select(l => l.EnumerateArray().Select(p => p.GetString())),
            options => options.WithStrictOrdering(),
            description);
    }

    private static IEnumerable<JsonElement> Vectors() =>
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("layers", "no-hints.json"))).RootElement.GetProperty("cases").EnumerateArray();

    private static ClosureNode Node(JsonElement node) => new(
        StorePath.Parse(node.GetProperty("path").GetString()!),
        node.GetProperty("narSize").GetInt64(),
        [.. Paths(node.GetProperty("references"))]);

    private static IEnumerable<StorePath> Paths(JsonElement paths) => paths.EnumerateArray().Select(p => StorePath.Parse(p.GetString()!));
}

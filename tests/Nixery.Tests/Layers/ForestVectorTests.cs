using System.Text.Json;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>Table and layers are exactly those of the reference: layers in order, with their contents in order.</summary>
public sealed class ForestVectorTests
{
    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var file in new[] { "no-hints.json", "small-channel.json" })
        {
            foreach (var (i, vector) in Vector.Read(file).GetProperty("cases").EnumerateArray().Index())
            {
                data.Add(file, i, vector.GetProperty("description").GetString()!);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Layers_are_exactly_those_of_the_reference(string file, int index, string description)
    {
        var vectors = Vector.Read(file);
        var vector = vectors.GetProperty("cases")[index];
        var options = new LayerOptions { Budget = vector.GetProperty("budget").GetInt32() };

        var layers = new ForestPlanner(options).Plan(Vector.Closure(vector), TableOf(vectors)).Layers;

        layers.Select(l => l.Paths.Select(p => p.Text)).Should().BeEquivalentTo(
            vector.GetProperty("expected").EnumerateArray().Select(l => l.EnumerateArray().Select(p => p.GetString())),
            options => options.WithStrictOrdering(),
            description);
    }

    [Fact]
    public void The_table_is_exactly_that_of_the_reference()
    {
        var vectors = Vector.Read("small-channel.json");
        var expected = vectors.GetProperty("hints").EnumerateObject().ToDictionary(h => h.Name, h => h.Value);

        var records = TableOf(vectors)!.Records.ToDictionary(r => r.Key.Text, r => r.Value);

        records.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (path, hint) in expected)
        {
            (records[path].Host?.Text).Should().Be(hint.GetProperty("parent").GetString(), path);
            // The reference is written with six digits.
            Math.Round(records[path].Share, 6).Should().Be(hint.GetProperty("q").GetDouble(), path);
        }
    }

    private static HintTable? TableOf(JsonElement vectors)
    {
        var channel = vectors.GetProperty("channel");
        if (channel.GetArrayLength() == 0)
        {
            return null;
        }

        var requestable = channel.EnumerateArray().Where(n => n.GetProperty("program").GetBoolean())
            .Select(n => StorePath.Parse(n.GetProperty("path").GetString()!));
        return new HintTableBuilder(Vector.Nodes(channel), new LayerOptions().WastePerLayerBytes)
            .FromGraph(requestable, Vector.Paths(vectors.GetProperty("baseRoots")));
    }
}

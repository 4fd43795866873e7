using System.Text.Json;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Bench;

/// <summary>The graph of a package set as lines of JSON: path, narSize, references, and whether somebody may request it ("program").</summary>
internal sealed record GraphFile(IReadOnlyList<ClosureNode> Nodes, IReadOnlyList<StorePath> Requestable)
{
    public static GraphFile Read(string path)
    {
        var nodes = new List<ClosureNode>();
        var requestable = new List<StorePath>();
        foreach (var line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            var node = Node(json.RootElement);
            nodes.Add(node);
            if (json.RootElement.GetProperty("program").GetBoolean())
            {
                requestable.Add(node.Path);
            }
        }

        return new GraphFile(nodes, requestable);
    }

    public static ClosureNode Node(JsonElement node) => new(
        StorePath.Parse(node.GetProperty("path").GetString()!),
        node.GetProperty("narSize").GetInt64(),
        [.. node.GetProperty("references").EnumerateArray().Select(p => StorePath.Parse(p.GetString()!))]);

    public HintTable Table(IEnumerable<StorePath> baseRoots, long wastePerLayerBytes) =>
        new HintTableBuilder(Nodes, wastePerLayerBytes).FromGraph(Requestable, baseRoots);
}

using System.Text.Json;
using Nixery.Closures;

namespace Nixery.Tests.Layers;

/// <summary>The reference cases of the study behind the planners, tests/golden/layers.</summary>
internal static class Vector
{
    public static JsonElement Read(params string[] names) =>
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden(["layers", .. names]))).RootElement;

    public static ClosureGraph Closure(JsonElement vector) => ClosureGraph.Of(Nodes(vector.GetProperty("graph")), Paths(vector.GetProperty("roots")));

    public static IEnumerable<ClosureNode> Nodes(JsonElement graph) => graph.EnumerateArray().Select(node => new ClosureNode(
        StorePath.Parse(node.GetProperty("path").GetString()!),
        node.GetProperty("narSize").GetInt64(),
        [.. Paths(node.GetProperty("references"))]));

    public static IEnumerable<StorePath> Paths(JsonElement paths) => paths.EnumerateArray().Select(p => StorePath.Parse(p.GetString()!));
}

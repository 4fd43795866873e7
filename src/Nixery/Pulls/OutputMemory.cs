using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Closures;
using Nixery.Rootfs;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>What an image is made of: the closure of its outputs, and what each output has.</summary>
internal sealed record ImageContent(ClosureGraph Closure, IReadOnlyList<OutputTree> Outputs);

/// <summary>
/// Remembers of each output its closure and its tree, so that an image of outputs that were in other images before needs no Nix.
/// A store path never changes, so neither do these.
/// </summary>
internal sealed class OutputMemory(TypedRecords records)
{
    /// <summary>The content of an image of these outputs, or null when one of them is not known.</summary>
    public async Task<ImageContent?> FindAsync(IReadOnlyList<StorePath> outputs, CancellationToken cancellationToken)
    {
        var nodes = new Dictionary<StorePath, ClosureNode>();
        var trees = new List<OutputTree>();
        foreach (var output in outputs)
        {
            var closure = await records.FindAsync(ClosureKey(output), ReadClosure, cancellationToken);
            var tree = await records.FindAsync(TreeKey(output), StoreTreeJson.Read, cancellationToken);
            if (closure is null || tree is null)
            {
                return null;
            }

            trees.Add(new OutputTree(output, tree));
            foreach (var node in closure.Nodes())
            {
                // Each record is closed in itself, so the first word on a path is as good as any.
                nodes.TryAdd(node.Path, node);
            }
        }

        return outputs.All(nodes.ContainsKey) ? new ImageContent(ClosureGraph.Of(nodes.Values, outputs), trees) : null;
    }

    /// <summary>The closure of one output, or null when it is not known.</summary>
    public async Task<IReadOnlyList<ClosureNode>?> FindClosureAsync(StorePath output, CancellationToken cancellationToken) =>
        await records.FindAsync(ClosureKey(output), ReadClosure, cancellationToken) is { } closure ? [.. closure.Nodes()] : null;

    public async Task RememberAsync(ImageContent content, CancellationToken cancellationToken)
    {
        foreach (var output in content.Outputs)
        {
            var closure = ClosureRecord.Of(content.Closure.Below(output.Path));
            if (await FindAsync([output.Path], cancellationToken) is not { } known || !IsSame(known, output, closure))
            {
                await records.PutAsync(TreeKey(output.Path), StoreTreeJson.Write(output.Tree), cancellationToken);
                await records.PutAsync(ClosureKey(output.Path), closure, OutputRecordJson.Default.ClosureRecord, cancellationToken);
            }
        }
    }

    /// <summary>A path that was collected and built again may have come out otherwise, where a build is not reproducible.</summary>
    private static bool IsSame(ImageContent known, OutputTree output, ClosureRecord closure) =>
        StoreTreeJson.Write(known.Outputs[0].Tree).AsSpan().SequenceEqual(StoreTreeJson.Write(output.Tree))
        && Write(ClosureRecord.Of(known.Closure)).AsSpan().SequenceEqual(Write(closure));

    private static byte[] Write(ClosureRecord closure) => JsonSerializer.SerializeToUtf8Bytes(closure, OutputRecordJson.Default.ClosureRecord);

    internal static ClosureRecord? ReadClosure(ReadOnlyMemory<byte> content) =>
        JsonSerializer.Deserialize(content.Span, OutputRecordJson.Default.ClosureRecord)?.Checked();

    private static RecordKey ClosureKey(StorePath output) => RecordKey.Of("closure", "1", output.Text);

    private static RecordKey TreeKey(StorePath output) => RecordKey.Of("tree", "1", output.Text);
}

/// <summary>A closure to be remembered.</summary>
/// <param name="Paths">In ordinal order.</param>
/// <param name="NarSizesBytes">Of each path, in the same order.</param>
/// <param name="References">Of each path, as places in <paramref name="Paths"/>: references repeat, and paths are long.</param>
internal sealed record ClosureRecord(IReadOnlyList<StorePath> Paths, IReadOnlyList<long> NarSizesBytes, IReadOnlyList<IReadOnlyList<int>> References)
{
    public static ClosureRecord Of(ClosureGraph closure)
    {
        var places = closure.Nodes.Select((node, place) => (node.Path, place)).ToDictionary(p => p.Path, p => p.place);
        return new ClosureRecord(
            [.. closure.Nodes.Select(n => n.Path)],
            [.. closure.Nodes.Select(n => n.NarSizeBytes)],
            [.. closure.Nodes.Select(n => n.References.Select(r => places[r]).ToArray())]);
    }

    public IEnumerable<ClosureNode> Nodes() =>
        Paths.Select((path, place) => new ClosureNode(path, NarSizesBytes[place], [.. References[place].Select(r => Paths[r])]));

    /// <exception cref="JsonException">The lists do not fit together.</exception>
    public ClosureRecord Checked() =>
        NarSizesBytes.Count == Paths.Count && References.Count == Paths.Count
        && NarSizesBytes.All(s => s is >= 0 and <= ClosureNode.MostNarSizeBytes) && References.SelectMany(r => r).All(r => r >= 0 && r < Paths.Count)
            ? this
            : throw new JsonException("the lists of a closure do not fit together");
}

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ClosureRecord))]
internal sealed partial class OutputRecordJson : JsonSerializerContext;

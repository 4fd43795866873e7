using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Oci;
using Nixery.Rootfs;

namespace Nixery.Packing;

/// <summary>A root layer that is stored, and what stands in it.</summary>
internal sealed record WrittenRoot(WrittenLayer Layer, RootTree Tree);

/// <summary>Writes the layer on top: what stands at <c>/</c>.</summary>
internal sealed partial class RootLayer(StoreTreeReader store, LayerWriter writer, ILogger<RootLayer> logger)
{
    /// <param name="packages">Present in the store, in canonical order: where two have the same file, the first one's is taken.</param>
    public async Task<WrittenRoot> WriteAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken)
    {
        var outputs = packages.SelectMany(p => p.Outputs).Select(o => o.Path).Distinct()
            .Select(path => new OutputTree(path, store.Read(path, cancellationToken)))
            .ToList();
        var tree = RootTree.Of(outputs, BaseFiles.For(outputs));
        foreach (var conflict in tree.Conflicts)
        {
            Log.LeftOut(logger, conflict.Path, conflict.Loser.Name, conflict.Winner?.Name ?? "the base files");
        }

        return new WrittenRoot(await writer.WriteAsync(tree, cancellationToken), tree);
    }

    private static partial class Log
    {
        [LoggerMessage(2002, LogLevel.Information, "/{Path} of {Loser} is left out: {Winner} has it, too")]
        public static partial void LeftOut(ILogger logger, string path, string loser, string winner);
    }
}

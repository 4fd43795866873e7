using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Building.Nix;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Packing;
using Nixery.Packing.Encoders;
using Nixery.Storage;

namespace Nixery.Bench;

/// <summary><c>pack</c>: all layers of a closure, from the store to the storage, as a pull packs them.</summary>
internal static class PackVerb
{
    public static readonly Option<FileInfo> Closure = new("--closure")
    {
        Description = "The answer of nix path-info --json --recursive.",
        Required = true,
    };

    public static readonly Option<string> Store = new("--store")
    {
        Description = "The folder that has the store paths.",
        DefaultValueFactory = _ => StorePath.StoreDirectory,
    };

    private static readonly Option<string> Storage = new("--storage") { Description = "A folder for the blobs.", Required = true };

    public static Command Create()
    {
        var verb = new Command("pack", "Packs the layers of a closure into a storage folder.")
        {
            Closure, Store, Storage, PackingArguments.Encoder, PackingArguments.Level,
        };
        verb.SetAction(RunAsync);
        return verb;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = PackingArguments.Read(parsed);
        var nodes = NixJson.PathInfo(await File.ReadAllTextAsync(parsed.GetRequiredValue(Closure).FullName, cancellationToken));
        var plan = ILayerPlanner.Of(new LayerOptions()).Plan(ClosureGraph.Of(nodes, nodes.Select(n => n.Path)), table: null);
        using var folder = new StorageFolder(parsed.GetRequiredValue(Storage), NullLogger<StorageFolder>.Instance);
        var format = PieceFormat.Of(options);
        using var threads = new PieceThreads(format, Environment.ProcessorCount);
        var writer = new LayerWriter(
            new StoreTreeReader(parsed.GetRequiredValue(Store)),
            new FileBlobStore(folder),
            new LayerCompressor(format, new PieceStock(format, options.MemoryBytes), threads),
            TimeProvider.System,
            NullLogger<LayerWriter>.Instance);

        var stored = 0L;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = options.LayersAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(plan.Layers, atOnce, async (layer, token) =>
        {
            var written = await writer.WriteAsync(layer, token);
            Interlocked.Add(ref stored, written.SizeBytes);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"layer {written.Digest} {written.DiffId} {string.Join(' ', layer.Paths)}");
        });
        await Report.SayAsync(parsed, writer.Packing, stored);
    }
}

using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Rootfs;

namespace Nixery.Pulls;

/// <summary>The layers of an image, bottom first, and what stands at <c>/</c> in it.</summary>
internal sealed record WrittenImage(IReadOnlyList<AssembledLayer> Layers, RootTree Root);

/// <summary>
/// Steps 8 and 9 of a pull: plans the layers of a closure, takes those that are stored from the storage, and packs the rest, each
/// once however many pulls ask for it. The root layer comes last, on top.
/// </summary>
internal sealed class ImageLayers(
    LayerWriter writer, RootLayer rootLayer, BuildCache cache, SharedWork<LayerKey, WrittenLayer> packing, LayerOptions options)
{
    /// <summary>Whatever of this room can change an image's bytes.</summary>
    public string Identity { get; } = $"{LayerPlanner.Version}/{options.Budget}/{writer.Packing}";

    public LayerCompression Compression => writer.Compression;

    public async Task<WrittenImage> WriteAsync(ImageDraft draft, ImageContent content, CancellationToken cancellationToken)
    {
        var planned = LayerPlanner.Plan(content.Closure, options.Budget).Layers;
        var written = new AssembledLayer[planned.Count + 1];
        await Parallel.ForAsync(0, planned.Count, cancellationToken, async (i, token) =>
            written[i] = new AssembledLayer(await FindOrPackAsync(planned[i], token), string.Join(' ', planned[i].Paths.Select(p => p.Name))));
        var root = await rootLayer.WriteAsync(content.Outputs, cancellationToken);
        written[^1] = new AssembledLayer(root.Layer, $"nixery {draft.Request.CanonicalName}");
        return new WrittenImage(written, root.Tree);
    }

    private async Task<WrittenLayer> FindOrPackAsync(PlannedLayer planned, CancellationToken cancellationToken)
    {
        var key = LayerKey.Of(writer.Packing, planned.Paths);
        return await cache.FindLayerAsync(key, cancellationToken)
            ?? await packing.RunAsync(key, stopping => PackAsync(key, planned, stopping), cancellationToken);
    }

    private async Task<WrittenLayer> PackAsync(LayerKey key, PlannedLayer planned, CancellationToken cancellationToken)
    {
        // Another image's pull may have packed it between the first look and this run's turn.
        if (await cache.FindLayerAsync(key, cancellationToken) is { } known)
        {
            return known;
        }

        var layer = await writer.WriteAsync(planned, cancellationToken);
        await cache.RememberLayerAsync(key, layer, cancellationToken);
        return layer;
    }
}

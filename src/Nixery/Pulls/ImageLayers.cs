using Nixery.Closures;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Rootfs;

namespace Nixery.Pulls;

/// <summary>The layers of an image, bottom first, and what stands at <c>/</c> in it.</summary>
internal sealed record WrittenImage(IReadOnlyList<AssembledLayer> Layers, RootTree Root);

/// <summary>
/// Steps 8 and 9 of a pull: plans the layers of a closure and has those packed that are not stored. The root layer comes last, on top.
/// </summary>
internal sealed class ImageLayers(LayerPacking packing, RootLayer rootLayer, LayerOptions options)
{
    /// <summary>Whatever of this room can change an image's bytes.</summary>
    public string Identity { get; } = $"{LayerPlanner.Version}/{options.Budget}/{packing.Identity}";

    public LayerCompression Compression => packing.Compression;

    public IReadOnlyList<PlannedLayer> Plan(ClosureGraph closure) => LayerPlanner.Plan(closure, options.Budget).Layers;

    /// <summary>Null when as many images wait for their packing as may.</summary>
    public Task<IReadOnlyList<WrittenLayer>?> TryPackAsync(IReadOnlyList<PlannedLayer> planned, CancellationToken cancellationToken) =>
        packing.TryPackAsync(planned, cancellationToken);

    /// <summary>Null when as many images wait for their packing as may.</summary>
    public async Task<WrittenImage?> TryWriteAsync(ImageDraft draft, ImageContent content, CancellationToken cancellationToken)
    {
        var planned = Plan(content.Closure);
        if (await TryPackAsync(planned, cancellationToken) is not { } written)
        {
            return null;
        }

        var root = await rootLayer.WriteAsync(content.Outputs, cancellationToken);
        var layers = planned.Zip(written, (plan, layer) => new AssembledLayer(layer, string.Join(' ', plan.Paths.Select(p => p.Name))));
        return new WrittenImage([.. layers, new AssembledLayer(root.Layer, $"nixery {draft.Request.CanonicalName}")], root.Tree);
    }
}

using Nixery.Closures;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Pulls.Keeping;
using Nixery.Rootfs;
using Nixery.Sight;

namespace Nixery.Pulls;

/// <summary>The layers of an image, bottom first, and what stands at <c>/</c> in it.</summary>
/// <param name="Compression">Of all layers.</param>
/// <param name="Identity">How they were planned and packed, for the log.</param>
internal sealed record WrittenImage(IReadOnlyList<AssembledLayer> Layers, RootTree Root, LayerCompression Compression, string Identity);

/// <summary>
/// Steps 8 and 9 of a pull: plans the layers of a closure and has those packed that are not stored. The root layer comes last, on top.
/// </summary>
internal sealed class ImageLayers(LayerPacking packing, RootLayer rootLayer, ILayerPlanner planner)
{
    /// <summary>Whatever of this room can change an image's bytes, but for the table that it is planned with.</summary>
    public string Identity { get; } = $"{planner.Identity}/{packing.Identity}";

    public IReadOnlyList<PlannedLayer> Plan(ImageDraft draft, ClosureGraph closure)
    {
        using var stage = Stage.Plan();
        return planner.Plan(closure, draft.Table.Table).Layers;
    }

    /// <summary>Null when as many images wait for their packing as may.</summary>
    public Task<IReadOnlyList<WrittenLayer>?> TryPackAsync(IReadOnlyList<PlannedLayer> planned, CancellationToken cancellationToken) =>
        packing.TryPackAsync(planned, BlobHold.Nothing, cancellationToken);

    /// <summary>Null when as many images wait for their packing as may.</summary>
    public async Task<WrittenImage?> TryWriteAsync(ImageDraft draft, ImageContent content, BlobHold hold, CancellationToken cancellationToken)
    {
        var planned = Plan(draft, content.Closure);
        if (await packing.TryPackAsync(planned, hold, cancellationToken) is not { } written)
        {
            return null;
        }

        Figures.CountLayers(planned.Count);
        using var span = Tracing.Begin("root");
        var root = await rootLayer.WriteAsync(content.Outputs, cancellationToken);
        hold.Add(root.Layer.Digest);
        var layers = planned.Zip(written, (plan, layer) => new AssembledLayer(layer, string.Join(' ', plan.Paths.Select(p => p.Name))));
        return new WrittenImage([.. layers, new AssembledLayer(root.Layer, $"nixery {draft.Request.CanonicalName}")], root.Tree, packing.Compression, Identity);
    }
}

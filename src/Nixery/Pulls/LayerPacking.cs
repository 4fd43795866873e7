using Nixery.Building;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Pulls.Keeping;
using Nixery.Sight;

namespace Nixery.Pulls;

/// <summary>
/// Step 9 of a pull: takes the layers that are stored from the storage, and packs the rest, each once however many pulls ask for it.
/// Images take turns in order of arrival; one that has nothing to pack needs none.
/// </summary>
internal sealed class LayerPacking(
    LayerWriter writer, BuildCache cache, SharedWork<LayerKey, WrittenLayer> running, Turns turns, PackingOptions options)
{
    /// <summary>Whatever decides about a layer's bytes besides its content.</summary>
    public string Identity => writer.Packing;

    public LayerCompression Compression => writer.Compression;

    /// <param name="hold">Gets each layer as soon as it is known.</param>
    /// <returns>The layers in the order of the plan; null when as many images wait for their turn as may.</returns>
    public async Task<IReadOnlyList<WrittenLayer>?> TryPackAsync(IReadOnlyList<PlannedLayer> planned, BlobHold hold, CancellationToken cancellationToken)
    {
        var written = new WrittenLayer?[planned.Count];
        for (var i = 0; i < planned.Count; i++)
        {
            written[i] = Held(await cache.FindLayerAsync(KeyOf(planned[i]), cancellationToken), hold);
        }

        if (written.Contains(null))
        {
            if (!await turns.TryEnterAsync(cancellationToken))
            {
                return null;
            }

            try
            {
                var some = new ParallelOptions { MaxDegreeOfParallelism = options.LayersAtOnce, CancellationToken = cancellationToken };
                await Parallel.ForAsync(0, planned.Count, some, async (i, token) => written[i] ??= Held(await PackOnceAsync(planned[i], token), hold));
            }
            finally
            {
                turns.Leave();
            }
        }

        return written!;
    }

    private static WrittenLayer? Held(WrittenLayer? layer, BlobHold hold)
    {
        if (layer is not null)
        {
            hold.Add(layer.Digest);
        }

        return layer;
    }

    private LayerKey KeyOf(PlannedLayer planned) => LayerKey.Of(writer.Packing, planned.Paths);

    private Task<WrittenLayer> PackOnceAsync(PlannedLayer planned, CancellationToken cancellationToken) =>
        running.RunAsync(KeyOf(planned), stopping => PackAsync(planned, stopping), cancellationToken);

    private async Task<WrittenLayer> PackAsync(PlannedLayer planned, CancellationToken cancellationToken)
    {
        // Another image's pull may have packed it between the first look and this run's turn.
        var key = KeyOf(planned);
        if (await cache.FindLayerAsync(key, cancellationToken) is { } known)
        {
            return known;
        }

        using var stage = Stage.Pack();
        var layer = await writer.WriteAsync(planned, cancellationToken);
        Figures.CountWrittenLayer();
        await cache.RememberLayerAsync(key, layer, cancellationToken);
        return layer;
    }
}

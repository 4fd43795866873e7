using Nixery.Layers;

namespace Nixery.Pulls;

/// <summary>
/// With how many images a layer is shared: of the images of the package set that are remembered as built, each planned with the table that
/// it was built with.
/// </summary>
internal sealed class SharedLayers(ObservedImages observed, LayerTables tables, ILayerPlanner planner)
{
    /// <param name="name">The image that the layers are of; it does not count.</param>
    /// <returns>How many other images have each layer, and how many others there are.</returns>
    public async Task<(int[] SharedBy, int Others)> CountAsync(
        string set, string name, IReadOnlyList<PlannedLayer> layers, CancellationToken cancellationToken)
    {
        var images = (await observed.ReadAsync(set, cancellationToken)).Where(i => i.Name != name).ToList();
        var counts = new Dictionary<LayerKey, int>();
        var others = 0;
        foreach (var (image, closure) in await observed.ClosuresAsync(images, cancellationToken))
        {
            if (await tables.FindAsync(image.TableId, cancellationToken) is { Table: var table })
            {
                others++;
                foreach (var key in planner.Plan(closure, table).Layers.Select(KeyOf))
                {
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }
            }
        }

        return ([.. layers.Select(l => counts.GetValueOrDefault(KeyOf(l)))], others);
    }

    private static LayerKey KeyOf(PlannedLayer layer) => LayerKey.Of("", layer.Paths);
}

using Microsoft.Extensions.Caching.Memory;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// The images that are stored. One is known by the table too that it was planned with, and a pin may have had several: what was answered
/// once is answered again, whatever table is in use by now.
/// </summary>
internal sealed class ImageMemory(LayerTables tables, BuildCache cache, ImageLayers layers, ObservedImages observed) : IDisposable
{
    /// <summary>Under which table an image is, so that a busy one is looked for once.</summary>
    private readonly MemoryCache _tableOf = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>The image apart from tables: what is built once at a time.</summary>
    public RecordKey KeyOf(ImageRequest request, PinnedSource source) => ImageKey.Of(request, source, layers.Identity);

    public async Task<StoredImage?> FindAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var used = await tables.UsedAsync(source, cancellationToken);
        return used is [var only]
            ? await cache.FindImageAsync(KeyOf(request, source, only), cancellationToken)
            : await FindAsync(request, source, used, cancellationToken);
    }

    /// <summary>
    /// The table for an image that is not whole in the storage: the one that it was planned with when it was built before, so that the same
    /// bytes come out again, else the one in use.
    /// </summary>
    public async Task<ChosenTable> ChooseTableAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var inUse = await tables.ChooseAsync(source, cancellationToken);
        foreach (var id in await tables.UsedAsync(source, cancellationToken))
        {
            if (await cache.WasImageAsync(KeyOf(request, source, id), cancellationToken))
            {
                return await tables.FindAsync(id, cancellationToken) ?? inUse;
            }
        }

        return inUse;
    }

    /// <summary>Writes down that there is such an image, and then that it was seen.</summary>
    public async Task RememberAsync(ImageDraft draft, StoredImage stored, CancellationToken cancellationToken)
    {
        await cache.RememberImageAsync(KeyOf(draft.Request, draft.Source, draft.Table.Id), stored, cancellationToken);
        var seen = new ObservedImage(ObservedImage.NameOf(draft.Request), draft.Outputs, draft.Table.Id);
        await observed.AddAsync(draft.Source.Arguments.Set, seen, cancellationToken);
    }

    public void Dispose() => _tableOf.Dispose();

    private RecordKey KeyOf(ImageRequest request, PinnedSource source, string tableId) =>
        ImageKey.Of(request, source, $"{layers.Identity}/{tableId}");

    private async Task<StoredImage?> FindAsync(
        ImageRequest request, PinnedSource source, IReadOnlyList<string> used, CancellationToken cancellationToken)
    {
        var image = KeyOf(request, source);
        var last = _tableOf.Get<string>(image);
        foreach (var id in last is null ? used : used.Where(id => id != last).Prepend(last))
        {
            if (await cache.FindImageAsync(KeyOf(request, source, id), cancellationToken) is { } stored)
            {
                if (id != last)
                {
                    _tableOf.Set(image, id, new MemoryCacheEntryOptions { Size = 1 });
                }

                return stored;
            }
        }

        return null;
    }
}

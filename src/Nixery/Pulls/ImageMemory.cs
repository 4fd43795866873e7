using System.Text.Json.Serialization;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// The images that are stored. One is known by the table too that it was planned with, and beside it is written down which one that is:
/// what was answered once is answered again, whatever table is in use by now and on whichever server.
/// </summary>
internal sealed class ImageMemory(LayerTables tables, PinTables pins, TypedRecords records, BuildCache cache, ImageLayers layers, ObservedImages observed)
{
    /// <summary>The image apart from tables: what is built once at a time.</summary>
    public RecordKey KeyOf(ImageRequest request, PinnedSource source) => ImageKey.Of(request, source, layers.Identity);

    public async Task<KnownImage?> FindAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        await ReadTableAsync(request, source, cancellationToken) is { } id
            ? await cache.FindImageAsync(KeyOf(request, source, id), cancellationToken)
            : await FindOldAsync(request, source, cancellationToken);

    /// <summary>
    /// The table for an image that is not whole in the storage: the one that it was planned with when it was built before, so that the same
    /// bytes come out again, else the one in use.
    /// </summary>
    public async Task<ChosenTable> ChooseTableAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        await FindTableAsync(request, source, cancellationToken) ?? await tables.ChooseAsync(source, cancellationToken);

    /// <summary>The same, and nothing is written.</summary>
    public async Task<ChosenTable> ForeseeTableAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        await FindTableAsync(request, source, cancellationToken) ?? await tables.ForeseeAsync(source, cancellationToken);

    /// <summary>Writes down that there is such an image, and then that it was seen.</summary>
    /// <returns>
    /// The image that is answered from now on: where another server was first with another table, its one. Null when something that it
    /// took from the storage has been let go meanwhile.
    /// </returns>
    public async Task<StoredImage?> RememberAsync(ImageDraft draft, StoredImage stored, CancellationToken cancellationToken)
    {
        var (request, source, id) = (draft.Request, draft.Source, draft.Table.Id);
        stored = stored with { Label = new ImageLabel(Repositories.NameOf(source.Arguments.Set, request), source.Revision, TableKeyOf(request, source).Hex) };
        if (!await cache.RememberImageAsync(KeyOf(request, source, id), stored, cancellationToken))
        {
            return null;
        }

        if (!await WriteTableAsync(request, source, id, cancellationToken)
            && await ReadTableAsync(request, source, cancellationToken) is { } first && first != id)
        {
            if (await cache.FindImageAsync(KeyOf(request, source, first), cancellationToken) is { } other)
            {
                return other.Stored;
            }

            // The table that it was built with once is gone, and so is the image.
            await records.PutAsync(TableKeyOf(request, source), new ImageTable(id), ImageTableJson.Default.ImageTable, cancellationToken);
        }

        var seen = new ObservedImage(ObservedImage.NameOf(request), draft.Outputs, id);
        await observed.AddAsync(source.Arguments.Set, seen, cancellationToken);
        return stored;
    }

    private RecordKey KeyOf(ImageRequest request, PinnedSource source, string tableId) =>
        ImageKey.Of(request, source, $"{layers.Identity}/{tableId}");

    private RecordKey TableKeyOf(ImageRequest request, PinnedSource source) => RecordKey.Of("image-table", KeyOf(request, source).Hex);

    private async Task<string?> ReadTableAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        (await records.FindAsync(TableKeyOf(request, source), ImageTableJson.Default.ImageTable, cancellationToken))?.TableId;

    private Task<bool> WriteTableAsync(ImageRequest request, PinnedSource source, string id, CancellationToken cancellationToken) =>
        records.TryCreateAsync(TableKeyOf(request, source), new ImageTable(id), ImageTableJson.Default.ImageTable, cancellationToken);

    /// <summary>Null where the image was never built, or its table is gone.</summary>
    private async Task<ChosenTable?> FindTableAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        if (await ReadTableAsync(request, source, cancellationToken) is { } known)
        {
            return await tables.FindAsync(known, cancellationToken);
        }

        foreach (var id in await pins.OldIdsAsync(source, cancellationToken))
        {
            if (await cache.WasImageAsync(KeyOf(request, source, id), cancellationToken))
            {
                return await tables.FindAsync(id, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>An image of a version that wrote down the tables of the pin alone.</summary>
    private async Task<KnownImage?> FindOldAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        foreach (var id in await pins.OldIdsAsync(source, cancellationToken))
        {
            if (await cache.FindImageAsync(KeyOf(request, source, id), cancellationToken) is { } known)
            {
                await WriteTableAsync(request, source, id, cancellationToken);
                return known;
            }
        }

        return null;
    }
}

/// <summary>The table that an image was planned with.</summary>
internal sealed record ImageTable(string TableId);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageTable))]
internal sealed partial class ImageTableJson : JsonSerializerContext;

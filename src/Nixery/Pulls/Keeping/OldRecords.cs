using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>Records that nothing needs and that are older than <see cref="RecordKinds"/> lets them be.</summary>
internal sealed class OldRecords(Warehouse warehouse)
{
    public async Task<IReadOnlyList<ListedRecord>> FindAsync(StorageState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var live = state.Images.Where(i => !i.Image.IsGone).ToList();
        var needed = live.Select(i => i.Key.Hex)
            .Concat(live.SelectMany(i => i.Manifests).Select(m => ImageUses.KeyOf(m).Hex))
            .Concat(live.Select(i => i.Image.Label?.Table).OfType<string>())
            .ToHashSet(StringComparer.Ordinal);
        // Which table belongs to it is not to be known of an image without a label.
        var tablesStay = live.Any(i => i.Image.Label is null);
        var old = new List<ListedRecord>();
        foreach (var (kind, age) in RecordKinds.Aging.Where(a => !tablesStay || a.Kind != "image-table"))
        {
            await foreach (var record in warehouse.Records.ListAsync(kind, cancellationToken))
            {
                if (now - record.Written > age && !needed.Contains(record.Key.Hex))
                {
                    old.Add(record);
                }
            }
        }

        return old;
    }

    public async Task DeleteAsync(IEnumerable<ListedRecord> old, CancellationToken cancellationToken)
    {
        foreach (var record in old)
        {
            await warehouse.Records.DeleteAsync(record.Key, cancellationToken);
        }
    }
}

using Microsoft.Extensions.Caching.Memory;

namespace Nixery.Storage;

/// <summary>Keeps records that were lately used in memory, up to a limit, in front of a store that is slower.</summary>
internal sealed class RememberingRecordStore(IRecordStore inner, long limitBytes) : IRecordStore, IExclusiveRecords, IDisposable
{
    private readonly MemoryCache _memory = new(new MemoryCacheOptions { SizeLimit = limitBytes, TrackStatistics = true });

    public long KeptBytes => _memory.GetCurrentStatistics()!.CurrentEstimatedSize!.Value;

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken)
    {
        if (!key.MayChange && _memory.TryGetValue(key, out ReadOnlyMemory<byte> known))
        {
            return known;
        }

        var found = await inner.FindAsync(key, cancellationToken);
        if (found is { } record)
        {
            Keep(key, record);
        }

        return found;
    }

    public async Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await inner.PutAsync(key, content, cancellationToken);
        Keep(key, content);
    }

    public async Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var isFirst = await inner.TryCreateAsync(key, content, cancellationToken);
        if (isFirst)
        {
            Keep(key, content);
        }

        return isFirst;
    }

    public IAsyncEnumerable<ListedRecord> ListAsync(string kind, CancellationToken cancellationToken) => inner.ListAsync(kind, cancellationToken);

    public async Task DeleteAsync(RecordKey key, CancellationToken cancellationToken)
    {
        await inner.DeleteAsync(key, cancellationToken);
        _memory.Remove(key);
    }

    public void Dispose() => _memory.Dispose();

    private void Keep(RecordKey key, ReadOnlyMemory<byte> content)
    {
        if (!key.MayChange)
        {
            _memory.Set(key, content, new MemoryCacheEntryOptions { Size = content.Length + Remembered.EntryBytes });
        }
    }
}

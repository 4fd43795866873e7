using Microsoft.Extensions.Caching.Memory;

namespace Nixery.Storage;

/// <summary>Keeps records that were lately used in memory, up to a limit, in front of a store that is slower.</summary>
internal sealed class RememberingRecordStore(IRecordStore inner, long limitBytes) : IRecordStore, IDisposable
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

    public void Dispose() => _memory.Dispose();

    private void Keep(RecordKey key, ReadOnlyMemory<byte> content)
    {
        if (!key.MayChange)
        {
            _memory.Set(key, content, new MemoryCacheEntryOptions { Size = content.Length + 200 });
        }
    }
}

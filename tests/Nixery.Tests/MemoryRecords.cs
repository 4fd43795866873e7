using System.Collections.Concurrent;
using Nixery.Storage;

namespace Nixery.Tests;

/// <summary>Records that last as long as the test.</summary>
internal sealed class MemoryRecords : IRecordStore
{
    private readonly ConcurrentDictionary<RecordKey, byte[]> _records = new();

    /// <summary>Whether the storage is out of order.</summary>
    public bool IsBroken { get; set; }

    /// <summary>How often it was asked in vain.</summary>
    public int Refused { get; private set; }

    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken) =>
        IsBroken ? throw Fault()
        : ValueTask.FromResult<ReadOnlyMemory<byte>?>(_records.TryGetValue(key, out var record) ? record : null);

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _records[key] = IsBroken ? throw Fault() : content.ToArray();
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<ListedRecord> ListAsync(string kind, CancellationToken cancellationToken) =>
        _records.Where(r => r.Key.Kind == kind).Select(r => new ListedRecord(r.Key, r.Value.Length, DateTimeOffset.UnixEpoch)).ToAsyncEnumerable();

    public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken)
    {
        _records.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private IOException Fault()
    {
        Refused++;
        return new IOException("out of order");
    }
}

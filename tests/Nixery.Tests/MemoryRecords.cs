using System.Collections.Concurrent;
using Nixery.Storage;

namespace Nixery.Tests;

/// <summary>Records that last as long as the test.</summary>
internal sealed class MemoryRecords : IRecordStore
{
    private readonly ConcurrentDictionary<RecordKey, byte[]> _records = new();

    /// <summary>Whether the storage is out of order.</summary>
    public bool IsBroken { get; set; }

    public Task<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken) =>
        IsBroken ? throw new IOException("out of order") : Task.FromResult(_records.GetValueOrDefault(key));

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _records[key] = IsBroken ? throw new IOException("out of order") : content.ToArray();
        return Task.CompletedTask;
    }
}

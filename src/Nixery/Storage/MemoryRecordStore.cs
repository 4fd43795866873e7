using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Nixery.Storage;

/// <summary>Records in the memory of this process, gone with it.</summary>
public sealed class MemoryRecordStore(TimeProvider time) : IRecordStore, IExclusiveRecords
{
    private readonly ConcurrentDictionary<(string Kind, string Hex), Record> _records = [];

    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_records.TryGetValue((key.Kind, key.Hex), out var record) ? record.Content : default(ReadOnlyMemory<byte>?));
    }

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _records[(key.Kind, key.Hex)] = Keep(content);
        return Task.CompletedTask;
    }

    public Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_records.TryAdd((key.Kind, key.Hex), Keep(content)));
    }

    public async IAsyncEnumerable<ListedRecord> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (name, record) in _records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.Kind == kind && RecordKey.FromHex(kind, name.Hex) is { } key)
            {
                yield return new ListedRecord(key, record.Content.Length, record.Written);
            }
        }
    }

    public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _records.TryRemove((key.Kind, key.Hex), out _);
        return Task.CompletedTask;
    }

    /// <summary>A copy: whoever puts it may use its buffer again.</summary>
    private Record Keep(ReadOnlyMemory<byte> content) => new(content.ToArray(), time.GetUtcNow());

    private sealed record Record(ReadOnlyMemory<byte> Content, DateTimeOffset Written);
}

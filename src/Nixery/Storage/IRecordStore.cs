namespace Nixery.Storage;

/// <summary>
/// Small documents by key: what the registry remembers, safe to delete. A record is there whole or not at all; the last
/// write wins.
/// </summary>
public interface IRecordStore
{
    /// <summary>The record's bytes, or null when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken);

    Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <summary>A store of records that can say which it has: for lists, never on the way of a pull.</summary>
public interface IRecordInventory
{
    /// <summary>The keys of a kind, in any order. A record that comes or goes meanwhile may be among them or not.</summary>
    IAsyncEnumerable<RecordKey> ListAsync(string kind, CancellationToken cancellationToken);
}

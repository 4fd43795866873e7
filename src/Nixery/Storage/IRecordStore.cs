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

    /// <summary>The keys of one kind, in no order that counts. What is put or deleted meanwhile may be in it or not.</summary>
    IAsyncEnumerable<RecordKey> ListAsync(string kind, CancellationToken cancellationToken);

    /// <summary>Deleting what is not there is success.</summary>
    Task DeleteAsync(RecordKey key, CancellationToken cancellationToken);
}

/// <summary>A record store in which of many writers one can be the first.</summary>
public interface IExclusiveRecords
{
    /// <summary>
    /// Writes the record unless there is one. Of many at once one is told true; a medium that cannot tell says true to each.
    /// </summary>
    Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

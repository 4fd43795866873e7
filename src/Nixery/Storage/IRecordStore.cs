namespace Nixery.Storage;

/// <summary>
/// Small documents by key: what the registry remembers, safe to delete. A record is there whole or not at all; the last
/// write wins.
/// </summary>
public interface IRecordStore : IRecordInventory
{
    /// <summary>The record's bytes, or null when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken);

    Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

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

internal static class ExclusiveRecords
{
    /// <summary>
    /// <see cref="IExclusiveRecords.TryCreateAsync"/> where the store can do it; else of two at the same moment each may be told true.
    /// </summary>
    public static async Task<bool> TryCreateAsync(
        this IRecordStore store, RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (store is IExclusiveRecords exclusive)
        {
            return await exclusive.TryCreateAsync(key, content, cancellationToken);
        }

        if (await store.FindAsync(key, cancellationToken) is not null)
        {
            return false;
        }

        await store.PutAsync(key, content, cancellationToken);
        return true;
    }
}

/// <summary>A store of records that can say which it has: for lists, never on the way of a pull.</summary>
public interface IRecordInventory
{
    /// <summary>The records of a kind, in any order. One that comes or goes meanwhile may be among them or not.</summary>
    IAsyncEnumerable<ListedRecord> ListAsync(string kind, CancellationToken cancellationToken);
}

/// <param name="Written">When it was put last, by the clock of the medium.</param>
public sealed record ListedRecord(RecordKey Key, long SizeBytes, DateTimeOffset Written);

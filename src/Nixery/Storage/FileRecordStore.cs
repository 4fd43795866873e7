using System.Runtime.CompilerServices;

namespace Nixery.Storage;

/// <summary>Records as files named by their key.</summary>
public sealed class FileRecordStore(StorageFolder folder) : IRecordStore, IRecordInventory
{
    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(key), cancellationToken);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public async Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var file = folder.CreateUnfinished();
        try
        {
            await file.WriteAsync(content, cancellationToken);
            StorageFolder.Publish(file, PathOf(key));
        }
        finally
        {
            // Where it was published there is nothing left to delete.
            File.Delete(file.Name);
        }
    }

    public async IAsyncEnumerable<RecordKey> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Names alone are read, so it is quick; and who lists a large storage is not to hold up others.
        await Task.Yield();
        foreach (var name in folder.NamesIn("records", kind))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RecordKey.FromHex(kind, name) is { } key)
            {
                yield return key;
            }
        }
    }

    private string PathOf(RecordKey key) => folder.PathOf("records", key.Kind, key.Hex);
}

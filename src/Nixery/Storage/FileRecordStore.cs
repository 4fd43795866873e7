namespace Nixery.Storage;

/// <summary>Records as files named by their key.</summary>
public sealed class FileRecordStore(StorageFolder folder) : IRecordStore
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

    private string PathOf(RecordKey key) => folder.PathOf("records", key.Kind, key.Hex);
}

using System.Runtime.CompilerServices;

namespace Nixery.Storage;

/// <summary>Records as files named by their key.</summary>
public sealed class FileRecordStore(StorageFolder folder) : IRecordStore, IExclusiveRecords
{
    /// <summary>https://learn.microsoft.com/dotnet/api/system.io.file.getlastwritetimeutc</summary>
    private static readonly DateTime NoSuchFile = DateTime.FromFileTimeUtc(0);

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        // A pull asks for several that are not there, and an exception takes longer than all else of a look. File.Exists would say of a
        // folder that cannot be read that it is empty.
        if (File.GetLastWriteTimeUtc(path) == NoSuchFile)
        {
            return null;
        }

        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => WriteAsync(
        content,
        file =>
        {
            StorageFolder.Publish(file, PathOf(key));
            return true;
        },
        cancellationToken);

    public Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteAsync(content, file => StorageFolder.TryPublish(file, PathOf(key)), cancellationToken);

    public async IAsyncEnumerable<ListedRecord> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Who lists a large storage is not to hold up others.
        await Task.Yield();
        foreach (var file in folder.Enumerate("records", kind))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RecordKey.FromHex(kind, file.Name) is { } key)
            {
                yield return new ListedRecord(key, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StorageFolder.Delete(PathOf(key));
        return Task.CompletedTask;
    }

    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> content, Func<FileStream, bool> tryPublish, CancellationToken cancellationToken)
    {
        await using var file = folder.CreateUnfinished();
        try
        {
            await file.WriteAsync(content, cancellationToken);
            return tryPublish(file);
        }
        finally
        {
            // Where it was published there is nothing left to delete.
            File.Delete(file.Name);
        }
    }

    private string PathOf(RecordKey key) => folder.PathOf("records", key.Kind, key.Hex);
}

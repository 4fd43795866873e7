namespace Nixery.Storage;

/// <summary>Leases as locked files: the system ends a lock with its process, however that ends.</summary>
public sealed class FileLeases(StorageFolder folder) : ILeases
{
    public Task<IAsyncDisposable?> TryTakeAsync(RecordKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = folder.PathOf("leases", key.Kind, key.Hex);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Task.FromResult<IAsyncDisposable?>(ClaimedFolder.TryLock(path, FileMode.OpenOrCreate) is { } file ? new Lease(file) : null);
    }

    private sealed class Lease(FileStream file) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // Its name first: whoever opened it before may hold a file without one, beside somebody with a new one. See ILeases.
            File.Delete(file.Name);
            await file.DisposeAsync();
        }
    }
}

using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

/// <summary>What a test's storage throws when it is killed.</summary>
internal sealed class KilledException() : IOException("killed");

/// <summary>A storage in a folder that counts what is changed in it, lets somebody look after each change, and can be killed before any.</summary>
internal sealed class SteppedWarehouse(FileBlobStore blobs, FileRecordStore records) : IBlobStore, IBlobInventory, IRecordStore, IExclusiveRecords
{
    private int _steps;
    private int _lists;

    public int Steps => _steps;

    /// <summary>How many times all blobs were listed.</summary>
    public int Lists => _lists;

    /// <summary>Before which change it is killed, counted from 1.</summary>
    public int KillAt { get; set; } = int.MaxValue;

    public Func<string, Task> AfterStep { get; set; } = _ => Task.CompletedTask;

    public void Restart()
    {
        _steps = 0;
        KillAt = int.MaxValue;
    }

    public Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken) => blobs.FindSizeAsync(digest, cancellationToken);

    public Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken) => blobs.OpenAsync(digest, range, cancellationToken);

    public Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken) => blobs.CreateAsync(cancellationToken);

    public IAsyncEnumerable<ListedBlob> ListAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        return blobs.ListAsync(cancellationToken);
    }

    public Task DeleteAsync(Digest digest, CancellationToken cancellationToken) => StepAsync("delete blob", () => blobs.DeleteAsync(digest, cancellationToken));

    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken) => records.FindAsync(key, cancellationToken);

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        StepAsync($"put {key.Kind}", () => records.PutAsync(key, content, cancellationToken));

    public Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        records.TryCreateAsync(key, content, cancellationToken);

    public IAsyncEnumerable<ListedRecord> ListAsync(string kind, CancellationToken cancellationToken) => records.ListAsync(kind, cancellationToken);

    public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken) =>
        StepAsync($"delete {key.Kind}", () => records.DeleteAsync(key, cancellationToken));

    private async Task StepAsync(string what, Func<Task> change)
    {
        // A process that is killed does nothing after it, either.
        if (Interlocked.Increment(ref _steps) >= KillAt)
        {
            throw new KilledException();
        }

        await change();
        await AfterStep(what);
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>Blobs in the memory of this process, gone with it.</summary>
/// <param name="limitBytes">Of all that is written at a time and not committed yet, which no other limit counts; 0 for none.</param>
public sealed class MemoryBlobStore(long limitBytes, TimeProvider time) : IBlobStore, IBlobInventory
{
    private readonly ConcurrentDictionary<Digest, Blob> _blobs = [];
    private long _unfinishedBytes;

    /// <summary>What those take who write now.</summary>
    internal long UnfinishedBytes => Interlocked.Read(ref _unfinishedBytes);

    public Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_blobs.TryGetValue(digest, out var blob) ? blob.SizeBytes : (long?)null);
    }

    public Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<Stream?>(
            _blobs.TryGetValue(digest, out var blob) ? new MemoryRangeStream(blob.Pieces, range.Within(blob.SizeBytes)) : null);
    }

    public Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobWriter>(new Writer(this, new MemoryPieces(Take)));
    }

    public async IAsyncEnumerable<ListedBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (digest, blob) in _blobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ListedBlob(digest, blob.SizeBytes, blob.Written);
        }
    }

    public Task DeleteAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blobs.TryRemove(digest, out _);
        return Task.CompletedTask;
    }

    private void Keep(StoredBlob stored, IReadOnlyList<byte[]> pieces)
    {
        var now = time.GetUtcNow();
        // Of the same bytes twice one copy is kept.
        _blobs.AddOrUpdate(stored.Digest, _ => new Blob(pieces, stored.SizeBytes, now), (_, known) => known with { Written = now });
    }

    /// <summary>Counts what a writer wants more; negative for what it gives back.</summary>
    private void Take(long bytes)
    {
        if (Interlocked.Add(ref _unfinishedBytes, bytes) > limitBytes && bytes > 0 && limitBytes > 0)
        {
            Interlocked.Add(ref _unfinishedBytes, -bytes);
            throw new StorageFullException($"what is packed now for this registry, which stores in memory, is more than it may store at all ({limitBytes} bytes)");
        }
    }

    private sealed record Blob(IReadOnlyList<byte[]> Pieces, long SizeBytes, DateTimeOffset Written);

    private sealed class Writer(MemoryBlobStore store, MemoryPieces pieces) : HashedBlobWriter(pieces)
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await pieces.DisposeAsync();
        }

        protected override Task PublishAsync(StoredBlob stored, CancellationToken cancellationToken)
        {
            store.Keep(stored, pieces.Finish());
            return Task.CompletedTask;
        }
    }
}

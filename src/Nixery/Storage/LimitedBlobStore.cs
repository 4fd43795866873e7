using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>Lets a blob come into sight when there is room for it. Only then is its size known, and it is to the byte.</summary>
internal sealed class LimitedBlobStore(IBlobStore inner, IStorageRoom room) : IBlobStore
{
    public Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken) => inner.FindSizeAsync(digest, cancellationToken);

    public Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken) => inner.OpenAsync(digest, range, cancellationToken);

    public async Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken) => new Writer(await inner.CreateAsync(cancellationToken), room);

    private sealed class Writer(IBlobWriter inner, IStorageRoom room) : IBlobWriter
    {
        public Stream Content => inner.Content;

        public async Task<StoredBlob> CommitAsync(CancellationToken cancellationToken)
        {
            await using var taken = await room.TakeAsync(inner.Content.Length, cancellationToken);
            return await inner.CommitAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

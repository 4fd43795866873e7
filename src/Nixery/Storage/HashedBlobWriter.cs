namespace Nixery.Storage;

/// <summary>Writes a blob whose digest and length are known at its end, and commits it once.</summary>
/// <param name="target">Takes the bytes, and is left open.</param>
internal abstract class HashedBlobWriter(Stream target) : IBlobWriter
{
    private readonly HashingStream _content = new(target);

    public Stream Content => _content;

    protected bool IsCommitted { get; private set; }

    public async Task<StoredBlob> CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsCommitted)
        {
            throw new InvalidOperationException("a blob is committed once");
        }

        var stored = new StoredBlob(_content.GetDigest(), _content.WrittenBytes);
        await PublishAsync(stored, cancellationToken);
        IsCommitted = true;
        return stored;
    }

    public virtual ValueTask DisposeAsync() => _content.DisposeAsync();

    /// <summary>Puts what was written where readers find it, whole or not at all.</summary>
    protected abstract Task PublishAsync(StoredBlob stored, CancellationToken cancellationToken);
}

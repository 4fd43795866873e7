using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>
/// Immutable bytes by digest. A blob is there whole or not at all. Faults of the medium fly as <see cref="IOException"/>;
/// "not there" is a null, never an exception.
/// </summary>
public interface IBlobStore
{
    /// <summary>Size in bytes of the blob, or null when there is none.</summary>
    Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Opens <paramref name="range"/> of the blob, or null when there is none. The caller disposes the stream, which ends
    /// after the range. A range outside of the blob is an <see cref="ArgumentOutOfRangeException"/>: ask for the size first.
    /// </summary>
    Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Begins a blob that nobody sees until it is committed.</summary>
    Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken);
}

/// <summary>
/// A blob being written: write <see cref="Content"/> once, front to back, then commit. Disposal without commit leaves no trace.
/// Not for use by several threads at a time.
/// </summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Write-only; its length is what was written so far. Belongs to the writer: do not dispose.</summary>
    Stream Content { get; }

    /// <summary>
    /// Makes the blob visible, durable on the medium, under the digest of what was written. Committing a digest that is
    /// there already is success. Once only.
    /// </summary>
    Task<StoredBlob> CommitAsync(CancellationToken cancellationToken);
}

/// <summary>What a commit has stored.</summary>
public sealed record StoredBlob(Digest Digest, long SizeBytes);

/// <summary>Bytes from <paramref name="Offset"/> on, <paramref name="Length"/> of them, or all the rest when that is null.</summary>
public readonly record struct ByteRange(long Offset, long? Length)
{
    public static readonly ByteRange Whole = new(0, null);

    /// <summary>The same with its length said.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within so many bytes.</exception>
    public ByteRange Within(long sizeBytes)
    {
        var length = Length ?? (sizeBytes - Offset);
        return Offset >= 0 && length >= 0 && Offset <= sizeBytes - length
            ? new ByteRange(Offset, length)
            : throw new ArgumentOutOfRangeException(nameof(sizeBytes), this, "the range is not within the blob");
    }
}

using Nixery.Oci;

namespace Nixery.Storage.Buckets;

/// <summary>
/// Objects by name, as the object stores of the clouds have them: an object is there whole or not at all. "Not there" is a null.
/// What the store answers for a while only is a <see cref="BucketUnavailableException"/>, what will not go away by waiting a
/// <see cref="BucketRefusedException"/>; neither names a secret. Whoever implements it has retried already.
/// </summary>
public interface IBucket
{
    Task<BucketObject?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens <paramref name="range"/>, of which at least a byte must be in the object, or null when there is no object. The caller
    /// disposes the body. It may break off (<see cref="IOException"/>) or end early; whoever reads counts.
    /// </summary>
    Task<BucketBody?> OpenAsync(string name, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Puts the object in its place, or in that of an older one.</summary>
    Task PutAsync(string name, BucketContent content, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the object unless there is one of that name, in one step: of many at once one is told true. A store that knows no such
    /// step says true to each.
    /// </summary>
    Task<bool> TryCreateAsync(string name, BucketContent content, CancellationToken cancellationToken);
}

/// <summary>What keeping a bucket in order needs.</summary>
public interface IBucketUpkeep
{
    /// <summary>Objects whose names begin with <paramref name="prefix"/>, in no order that counts.</summary>
    /// <param name="after">The last page's <see cref="BucketPage.Next"/>, null for the first.</param>
    Task<BucketPage> ListAsync(string prefix, string? after, CancellationToken cancellationToken);

    /// <summary>Deleting what is not there is success.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Ends uploads that nobody has completed and that began before <paramref name="before"/>; returns how many.</summary>
    Task<int> AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A bucket that can give a client an address of its own.</summary>
public interface IBucketSigner
{
    /// <summary>Whether what it signs is meant for clients: by default not, where the store is a server of the operator's own.</summary>
    bool IsForClients { get; }

    /// <summary>An address by which anybody may get this one object for a while; null when nothing here can sign.</summary>
    ValueTask<Uri?> SignAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Modified">When it was put, by the store's clock.</param>
public sealed record BucketObject(string Name, long SizeBytes, DateTimeOffset Modified);

/// <param name="Next">Where the next page goes on; null after the last.</param>
public sealed record BucketPage(IReadOnlyList<BucketObject> Objects, string? Next);

/// <summary>A body that is being received.</summary>
/// <param name="LengthBytes">How long the store says that it will be.</param>
public sealed record BucketBody(Stream Content, long LengthBytes) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>What is put: of known length and digest, and readable again for another attempt.</summary>
public sealed class BucketContent
{
    private readonly Func<Stream> _open;

    private BucketContent(Func<Stream> open, long lengthBytes, Digest digest)
    {
        _open = open;
        LengthBytes = lengthBytes;
        Digest = digest;
    }

    public long LengthBytes { get; }

    public Digest Digest { get; }

    public static BucketContent Of(ReadOnlyMemory<byte> content)
    {
        var copy = content.ToArray();
        return new BucketContent(() => new MemoryStream(copy, writable: false), copy.Length, Digest.Of(copy));
    }

    /// <param name="path">A file that stays as it is until the upload has ended.</param>
    public static BucketContent OfFile(string path, long lengthBytes, Digest digest) => new(
        () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan),
        lengthBytes,
        digest);

    /// <summary>From its beginning, seekable; the caller disposes it.</summary>
    public Stream Open() => _open();

    /// <exception cref="IOException">What was read for the upload is not what was written: nothing may be stored.</exception>
    public void Check(Digest read)
    {
        if (read != Digest)
        {
            throw new IOException($"what was read back for the upload is {read} where {Digest} was written; the disk of the unfinished files is not well");
        }
    }
}

/// <summary>The store cannot be reached, is overloaded or does not answer in time.</summary>
public sealed class BucketUnavailableException(string message) : IOException(message);

/// <summary>The store answers, and says no: credentials, rights, a bucket that is not there.</summary>
public sealed class BucketRefusedException(string message) : IOException(message);

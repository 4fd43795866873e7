using System.Runtime.CompilerServices;
using Nixery.Oci;

namespace Nixery.Storage.Buckets;

/// <summary>
/// Blobs as objects named by their digest. A blob is written into a file first and uploaded at its commit, when length and digest are
/// known: the bucket's own refusal of what is damaged on the way, and a second attempt, need both.
/// </summary>
public sealed class BucketBlobStore<TBucket>(TBucket bucket, BucketSpool spool, BucketRetry retry) : IBlobStore, IBlobInventory, IBlobRedirector, IUnfinishedUploads
    where TBucket : IBucket, IBucketUpkeep, IBucketSigner
{
    private const string Folder = "blobs/sha256/";

    public bool IsForClients => bucket.IsForClients;

    public async Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken) =>
        (await bucket.FindAsync(NameOf(digest), cancellationToken))?.SizeBytes;

    public async Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var name = NameOf(digest);
        if (range != ByteRange.Whole)
        {
            if (await FindSizeAsync(digest, cancellationToken) is not { } size)
            {
                return null;
            }

            range = range.Within(size);
            if (range.Length == 0)
            {
                // HTTP has no words for a range without bytes.
                return new MemoryStream([], writable: false);
            }
        }

        if (await bucket.OpenAsync(name, range, cancellationToken) is not { } body)
        {
            return null;
        }

        return new ResumingStream(bucket, name, body, range with { Length = range.Length ?? body.LengthBytes }, retry);
    }

    public Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobWriter>(new SpoolingBlobWriter(spool.CreateFile(), UploadAsync));
    }

    public async IAsyncEnumerable<ListedBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in bucket.ListAllAsync(Folder, cancellationToken))
        {
            // What else lies in the bucket is not ours.
            if (Digest.TryParse("sha256:" + found.Name[Folder.Length..], out var digest))
            {
                yield return new ListedBlob(digest, found.SizeBytes, found.Modified);
            }
        }
    }

    public Task DeleteAsync(Digest digest, CancellationToken cancellationToken) => bucket.DeleteAsync(NameOf(digest), cancellationToken);

    public Task<int> AbandonAsync(DateTimeOffset before, CancellationToken cancellationToken) => bucket.AbandonUploadsAsync(before, cancellationToken);

    public ValueTask<Uri?> FindAddressAsync(Digest digest, CancellationToken cancellationToken) => bucket.SignAsync(NameOf(digest), cancellationToken);

    private static string NameOf(Digest digest) => Folder + digest.Hex;

    private async Task UploadAsync(BucketContent content, CancellationToken cancellationToken)
    {
        var name = NameOf(content.Digest);
        if ((await bucket.FindAsync(name, cancellationToken))?.SizeBytes != content.LengthBytes)
        {
            await bucket.PutAsync(name, content, cancellationToken);
        }
    }
}

/// <summary>A blob that is kept in a file until its commit uploads it.</summary>
internal sealed class SpoolingBlobWriter(FileStream file, Func<BucketContent, CancellationToken, Task> upload) : HashedBlobWriter(file)
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await file.DisposeAsync();
        File.Delete(file.Name);
    }

    protected override Task PublishAsync(StoredBlob stored, CancellationToken cancellationToken) =>
        upload(BucketContent.OfFile(file.Name, stored.SizeBytes, stored.Digest), cancellationToken);
}

using System.Runtime.CompilerServices;

namespace Nixery.Storage.Buckets;

/// <summary>Records as objects named by their key.</summary>
public sealed class BucketRecordStore<TBucket>(TBucket bucket, BucketRetry retry) : IRecordStore, IExclusiveRecords
    where TBucket : IBucket, IBucketUpkeep
{
    private const string Folder = "records/";

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        if (await bucket.OpenAsync(name, ByteRange.Whole, cancellationToken) is not { } body)
        {
            return null;
        }

        var content = new byte[body.LengthBytes];
        await using var stream = new ResumingStream(bucket, name, body, new ByteRange(0, body.LengthBytes), retry);
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        bucket.PutAsync(NameOf(key), BucketContent.Of(content), cancellationToken);

    public Task<bool> TryCreateAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        bucket.TryCreateAsync(NameOf(key), BucketContent.Of(content), cancellationToken);

    public async IAsyncEnumerable<ListedRecord> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = $"{Folder}{kind}/";
        await foreach (var found in bucket.ListAllAsync(folder, cancellationToken))
        {
            if (RecordKey.FromHex(kind, found.Name[folder.Length..]) is { } key)
            {
                yield return new ListedRecord(key, found.SizeBytes, found.Modified);
            }
        }
    }

    public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken) => bucket.DeleteAsync(NameOf(key), cancellationToken);

    private static string NameOf(RecordKey key) => $"{Folder}{key.Kind}/{key.Hex}";
}

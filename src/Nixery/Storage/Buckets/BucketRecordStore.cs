using System.Runtime.CompilerServices;

namespace Nixery.Storage.Buckets;

/// <summary>Records as objects named by their key.</summary>
public sealed class BucketRecordStore<TBucket>(TBucket bucket, BucketRetry retry) : IRecordStore, IExclusiveRecords
    where TBucket : IBucket, IBucketUpkeep
{
    private const string Folder = "records/";

    /// <summary>Records are small; what says that it is longer is none of ours.</summary>
    private const long MostBytes = 256 * 1024 * 1024;

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken) =>
        await retry.RunAsync(token => ReadAsync(NameOf(key), token), cancellationToken);

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

    /// <summary>One that breaks off is read from its beginning: by then there may be another one, and half of each is neither.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await using var body = await bucket.OpenAsync(name, ByteRange.Whole, cancellationToken);
        if (body is null)
        {
            return null;
        }

        if (body.LengthBytes is < 0 or > MostBytes)
        {
            throw new BucketRefusedException($"{name} is of {body.LengthBytes} bytes, and no record");
        }

        var content = new byte[body.LengthBytes];
        try
        {
            await body.Content.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new BucketUnavailableException($"{name} broke off before its {content.Length} bytes");
        }
    }

    private static string NameOf(RecordKey key) => $"{Folder}{key.Kind}/{key.Hex}";
}

using System.Globalization;
using System.Web;
using Amazon.S3;
using Amazon.S3.Model;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>
/// A bucket of Amazon S3, or of one of the many servers that speak its protocol.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
/// </summary>
internal sealed class S3Bucket(IAmazonS3 client, IAmazonS3 signing, S3Options options, BucketRetry retry) : IBucket, IBucketUpkeep, IBucketSigner, IDisposable
{
    private readonly S3Calls _calls = new(options.Bucket, retry);
    private readonly S3Uploads _uploads = new(client, options, new S3Calls(options.Bucket, retry));

    public bool IsForClients => options.Endpoint is null || !ReferenceEquals(client, signing);

    public async Task<BucketObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectMetadataRequest { BucketName = options.Bucket, Key = options.Prefix + name };
            var found = await _calls.FindAsync($"look for {name}", token => client.GetObjectMetadataAsync(request, token), cancellationToken);
            return found is null ? null
                : found.Headers.ContentLength < 0 ? throw new BucketUnavailableException($"the bucket {options.Bucket} does not say how long {name} is")
                : new BucketObject(name, found.ContentLength, At(found.LastModified));
        }
        catch (BucketRefusedException)
        {
            // An answer without a body does not say why, and the SDK sets its clock by the store's only where it is told to.
            return (await ListAsync(name, after: null, cancellationToken)).Objects.FirstOrDefault(o => o.Name == name);
        }
    }

    public async Task<BucketBody?> OpenAsync(string name, ByteRange range, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = options.Bucket, Key = options.Prefix + name };
        if (range != ByteRange.Whole)
        {
            request.ByteRange = new Amazon.S3.Model.ByteRange(string.Create(
                CultureInfo.InvariantCulture, $"bytes={range.Offset}-{(range.Length is { } length ? range.Offset + length - 1 : null)}"));
        }

        return await _calls.FindAsync($"open {name}", async token => BodyOf(name, range, await client.GetObjectAsync(request, token)), cancellationToken);
    }

    public Task PutAsync(string name, BucketContent content, CancellationToken cancellationToken) => _uploads.PutAsync(name, content, cancellationToken);

    public async Task<bool> TryCreateAsync(string name, BucketContent content, CancellationToken cancellationToken)
    {
        try
        {
            await _uploads.CreateAsync(name, content, cancellationToken);
            return true;
        }
        catch (S3ConditionException e)
        {
            return e.IsUnknownToStore;
        }
    }

    public async Task<BucketPage> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = options.Bucket, Prefix = options.Prefix + prefix, ContinuationToken = after };
        var page = await _calls.RunAsync($"list {prefix}", token => client.ListObjectsV2Async(request, token), cancellationToken);
        // What else is in it was not asked for.
        var ours = (page.S3Objects ?? []).Where(o => o.Key?.StartsWith(request.Prefix, StringComparison.Ordinal) == true);
        return new BucketPage(
            [.. ours.Select(o => new BucketObject(o.Key[options.Prefix.Length..], o.Size ?? 0, At(o.LastModified)))],
            page.IsTruncated == true ? page.NextContinuationToken ?? throw new BucketRefusedException($"the bucket {options.Bucket} listed a part of {prefix} and did not say how to go on") : null);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = options.Bucket, Key = options.Prefix + name };
        return _calls.FindAsync($"delete {name}", token => client.DeleteObjectAsync(request, token), cancellationToken);
    }

    public Task<int> AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        _uploads.AbandonAsync(before, cancellationToken);

    public async ValueTask<Uri?> SignAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // The SDK dates an address by the store's clock, where it has learned that ours is wrong, and takes the end as it is: so the end is
        // told by the date of an address.
        var dated = await SignAsync(name, retry.Now, cancellationToken);
        var signedAt = DateTimeOffset.ParseExact(
            HttpUtility.ParseQueryString(dated.Query)["X-Amz-Date"]!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return await SignAsync(name, signedAt + retry.UrlLifetime, cancellationToken);
    }

    public void Dispose()
    {
        client.Dispose();
        signing.Dispose();
    }

    private async Task<Uri> SignAsync(string name, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = options.Bucket,
            Key = options.Prefix + name,
            Verb = HttpVerb.GET,
            Expires = end.UtcDateTime,
            Protocol = signing.Config.ServiceURL?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) == true ? Protocol.HTTP : Protocol.HTTPS,
        };
        return new Uri(await _calls.RunAsync($"sign {name}", _ => signing.GetPreSignedURLAsync(request), cancellationToken));
    }

    private BucketBody BodyOf(string name, ByteRange range, GetObjectResponse answer)
    {
        var lengthBytes = answer.Headers.ContentLength;
        if (SentRange.IsAsAsked(range, answer.HttpStatusCode, answer.ContentRange, lengthBytes < 0 ? null : lengthBytes))
        {
            return new BucketBody(new S3Body(answer.ResponseStream), lengthBytes);
        }

        answer.Dispose();
        throw new BucketUnavailableException($"the bucket {options.Bucket} sent something else than was asked for of {name}");
    }

    private static DateTimeOffset At(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : DateTimeOffset.MaxValue;
}

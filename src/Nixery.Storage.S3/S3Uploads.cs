using System.Buffers;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>
/// Puts objects: small ones in one request, large ones in parts. Each body is sent with its digest, so that the store refuses what was
/// damaged on the way. No body is chunked, for which there are as many dialects as servers.
/// </summary>
internal sealed class S3Uploads(IAmazonS3 client, S3Options options, S3Calls calls)
{
    public const string OctetStream = "application/octet-stream";

    private readonly S3Parts _parts = new(client, options, calls);

    public Task PutAsync(string name, BucketContent content, CancellationToken cancellationToken) => content.LengthBytes <= S3Parts.PartBytes
        ? PutWholeAsync(name, content, condition: null, cancellationToken)
        : _parts.PutAsync(name, content, cancellationToken);

    /// <exception cref="S3ConditionException">There is one already, or the store knows no conditions.</exception>
    public Task CreateAsync(string name, BucketContent content, CancellationToken cancellationToken) =>
        PutWholeAsync(name, content, condition: "*", cancellationToken);

    public Task<int> AbandonAsync(DateTimeOffset before, CancellationToken cancellationToken) => _parts.AbandonAsync(before, cancellationToken);

    private async Task PutWholeAsync(string name, BucketContent content, string? condition, CancellationToken cancellationToken)
    {
        var length = (int)content.LengthBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await using (var body = content.Open())
            {
                await body.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            }

            content.Check(Digest.Of(buffer.AsSpan(0, length)));
            await calls.RunAsync($"put {name}", token => PutWholeAsync(name, new MemoryStream(buffer, 0, length, writable: false), condition, token), length, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<PutObjectResponse> PutWholeAsync(string name, MemoryStream content, string? condition, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = options.Prefix + name,
            InputStream = content,
            ContentType = OctetStream,
            UseChunkEncoding = false,
            DisablePayloadSigning = false,
            IfNoneMatch = condition,
            ServerSideEncryptionMethod = options.Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
            StorageClass = options.StorageClass,
        };
        try
        {
            return await client.PutObjectAsync(request, cancellationToken);
        }
        catch (AmazonServiceException e) when (condition is not null && e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotImplemented)
        {
            throw new S3ConditionException(e.StatusCode == HttpStatusCode.NotImplemented);
        }
    }
}

/// <summary>A conditional write did not take place as asked.</summary>
internal sealed class S3ConditionException(bool isUnknownToStore) : Exception(isUnknownToStore ? "the store knows no conditional writes" : "there is such an object already")
{
    public bool IsUnknownToStore { get; } = isUnknownToStore;
}

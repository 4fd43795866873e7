using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>Puts large objects, in parts, and clears away those that were begun by one who was killed.</summary>
internal sealed class S3Parts(IAmazonS3 client, S3Options options, S3Calls calls)
{
    public const int PartBytes = 16 * 1024 * 1024;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html</summary>
    private const int MostParts = 10_000;

    public async Task PutAsync(string name, BucketContent content, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = options.Prefix + name,
            ContentType = S3Uploads.OctetStream,
            ServerSideEncryptionMethod = options.Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
            StorageClass = options.StorageClass,
        };
        var upload = await calls.RunAsync($"begin {name}", token => client.InitiateMultipartUploadAsync(begin, token), cancellationToken);
        var completed = false;
        try
        {
            var parts = await PutPartsAsync(name, upload.UploadId, content, cancellationToken);
            var end = new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = begin.Key, UploadId = upload.UploadId, PartETags = parts };
            await CompleteAsync(name, content, end, cancellationToken);
            completed = true;
        }
        finally
        {
            if (!completed)
            {
                await AbortAsync(begin.Key, upload.UploadId);
            }
        }
    }

    public async Task<int> AbandonAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (abandoned, request) = (0, new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = options.Prefix });
        while (true)
        {
            var page = await calls.RunAsync("list uploads", token => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in (page.MultipartUploads ?? []).Where(u => u.Initiated is { } begun && begun.ToUniversalTime() < before.UtcDateTime))
            {
                var abort = new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = upload.Key, UploadId = upload.UploadId };
                await calls.FindAsync("abandon an upload", token => client.AbortMultipartUploadAsync(abort, token), cancellationToken);
                abandoned++;
            }

            if (page.IsTruncated != true)
            {
                return abandoned;
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    private async Task<List<PartETag>> PutPartsAsync(string name, string uploadId, BucketContent content, CancellationToken cancellationToken)
    {
        var partBytes = (int)Math.Max(PartBytes, (content.LengthBytes + MostParts - 1) / MostParts);
        var buffer = ArrayPool<byte>.Shared.Rent(partBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var file = content.Open();
            var parts = new List<PartETag>();
            for (long offset = 0; offset < content.LengthBytes; offset += partBytes)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(partBytes, content.LengthBytes - offset));
                await file.ReadExactlyAsync(part, cancellationToken);
                hash.AppendData(part.Span);
                parts.Add(await PutPartAsync(name, uploadId, parts.Count + 1, buffer, part.Length, cancellationToken));
            }

            content.Check(Digest.FromHash(hash.GetHashAndReset()));
            return parts;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<PartETag> PutPartAsync(string name, string uploadId, int number, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        var answer = await calls.RunAsync(
            $"put part {number} of {name}",
            token => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = options.Bucket,
                    Key = options.Prefix + name,
                    UploadId = uploadId,
                    PartNumber = number,
                    PartSize = length,
                    InputStream = new MemoryStream(buffer, 0, length, writable: false),
                    UseChunkEncoding = false,
                    DisablePayloadSigning = false,
                },
                token),
            length,
            cancellationToken);
        return new PartETag(number, answer.ETag);
    }

    /// <summary>Where the answer to a completion is lost, the next attempt finds no upload, and the object in its place.</summary>
    private async Task CompleteAsync(string name, BucketContent content, CompleteMultipartUploadRequest end, CancellationToken cancellationToken)
    {
        if (await calls.FindAsync($"complete {name}", token => client.CompleteMultipartUploadAsync(end, token), cancellationToken) is null)
        {
            var look = new GetObjectMetadataRequest { BucketName = options.Bucket, Key = end.Key };
            var found = await calls.FindAsync($"look for {name}", token => client.GetObjectMetadataAsync(look, token), cancellationToken);
            if (found?.ContentLength != content.LengthBytes)
            {
                throw new BucketUnavailableException($"the bucket {options.Bucket} has forgotten the upload of {name}");
            }
        }
    }

    /// <summary>What cannot be aborted now, since the store is away, is left to the rule for unfinished uploads that docs/storage.md recommends for a bucket.</summary>
    private async Task AbortAsync(string key, string uploadId)
    {
        try
        {
            var request = new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = uploadId };
            // The caller's token may be why it is aborted.
            await calls.FindAsync("abort an upload", token => client.AbortMultipartUploadAsync(request, token), CancellationToken.None);
        }
        catch (Exception e) when (e is BucketUnavailableException or BucketRefusedException)
        {
            // The fault that led here is the one to be told.
        }
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>Puts large objects, in parts, and clears away those that were begun by one who was killed.</summary>
internal sealed class S3Parts(IAmazonS3 client, S3Options options, S3Calls calls)
{
    public const int PartBytes = 8 * 1024 * 1024;

    /// <summary>Of one object: while one part is hashed and read, others are on their way. Each takes its size of memory.</summary>
    private const int PartsAtOnce = 3;

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
        var id = upload.UploadId ?? throw new BucketRefusedException($"the bucket {options.Bucket} began an upload of {name} and did not name it");
        var completed = false;
        try
        {
            var parts = await PutPartsAsync(name, id, content, cancellationToken);
            var end = new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = begin.Key, UploadId = id, PartETags = parts };
            await CompleteAsync(name, content, end, cancellationToken);
            completed = true;
        }
        finally
        {
            if (!completed)
            {
                await AbortAsync(begin.Key, id);
            }
        }
    }

    public async Task<int> AbandonAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (abandoned, request) = (0, new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = options.Prefix });
        while (true)
        {
            var page = await calls.RunAsync("list uploads", token => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in (page.MultipartUploads ?? []).Where(u => IsOurs(u) && IsOlder(u, before)))
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

    /// <summary>A store that does not know prefixes lists those of others, too.</summary>
    private bool IsOurs(MultipartUpload upload) => upload.Key?.StartsWith(options.Prefix, StringComparison.Ordinal) == true;

    private static bool IsOlder(MultipartUpload upload, DateTimeOffset before) =>
        upload.Initiated is { } begun && begun.ToUniversalTime() < before.UtcDateTime;

    private async Task<List<PartETag>> PutPartsAsync(string name, string uploadId, BucketContent content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tags = new ConcurrentBag<PartETag>();
        await Parallel.ForEachAsync(
            ReadAsync(content, hash, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken },
            async (part, token) =>
            {
                try
                {
                    tags.Add(await PutPartAsync(name, uploadId, part, token));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(part.Buffer);
                }
            });
        content.Check(Digest.FromHash(hash.GetHashAndReset()));
        return [.. tags.OrderBy(t => t.PartNumber)];
    }

    /// <summary>Parts one after the other, however many are on their way.</summary>
    /// <param name="hash">Gets all bytes in their order.</param>
    private static async IAsyncEnumerable<Part> ReadAsync(BucketContent content, IncrementalHash hash, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partBytes = (int)Math.Max(PartBytes, (content.LengthBytes + MostParts - 1) / MostParts);
        await using var file = content.Open();
        var number = 1;
        for (long offset = 0; offset < content.LengthBytes; offset += partBytes)
        {
            var part = new Part(number++, ArrayPool<byte>.Shared.Rent(partBytes), (int)Math.Min(partBytes, content.LengthBytes - offset));
            await file.ReadExactlyAsync(part.Buffer.AsMemory(0, part.Length), cancellationToken);
            hash.AppendData(part.Buffer, 0, part.Length);
            yield return part;
        }
    }

    private async Task<PartETag> PutPartAsync(string name, string uploadId, Part part, CancellationToken cancellationToken)
    {
        var answer = await calls.RunAsync(
            $"put part {part.Number} of {name}",
            token => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = options.Bucket,
                    Key = options.Prefix + name,
                    UploadId = uploadId,
                    PartNumber = part.Number,
                    PartSize = part.Length,
                    InputStream = new MemoryStream(part.Buffer, 0, part.Length, writable: false),
                    UseChunkEncoding = false,
                    DisablePayloadSigning = false,
                },
                token),
            // The parts that are on their way have one line between them.
            (long)part.Length * PartsAtOnce,
            cancellationToken);
        return new PartETag(part.Number, answer.ETag);
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

    /// <param name="Buffer">Rented, and longer than the part.</param>
    private readonly record struct Part(int Number, byte[] Buffer, int Length);
}

using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>
/// Puts objects: small ones in one request, large ones in chunks of a session that goes on where it was when one is lost
/// (https://cloud.google.com/storage/docs/performing-resumable-uploads). Before the first byte is sent the content is read once, for
/// its digest, so that what a bad disk has changed is not stored, and its CRC-32C, so that the store refuses what was damaged on the way.
/// </summary>
internal sealed class GcsUploads(GcsOptions options, GcsCalls calls)
{
    private const string OctetStream = "application/octet-stream";

    /// <summary>A multiple of 256 kB, as the protocol wants it.</summary>
    private const int ChunkBytes = 16 * 1024 * 1024;

    private const int MostSessions = 3;

    private readonly string _upload = new Uri(options.Endpoint, $"upload/storage/v1/b/{Uri.EscapeDataString(options.Bucket)}/o").AbsoluteUri;

    /// <param name="onlyNew">What makes the store refuse to replace an object, or null.</param>
    /// <returns>False when there is an object already that was not to be replaced.</returns>
    public async Task<bool> PutAsync(string name, BucketContent content, string? onlyNew, CancellationToken cancellationToken)
    {
        var metadata = new GcsMetadata(name, OctetStream, await CheckAsync(content, cancellationToken), options.StorageClass);
        if (content.LengthBytes <= ChunkBytes)
        {
            return await PutWholeAsync(metadata, content, onlyNew, cancellationToken);
        }

        for (var sessions = 1; ; sessions++)
        {
            try
            {
                await PutChunksAsync(metadata, content, onlyNew, cancellationToken);
                await CheckStoredAsync(name, content.LengthBytes, cancellationToken);
                return true;
            }
            catch (GcsSessionGoneException) when (sessions < MostSessions)
            {
                // The store has forgotten it, as it may: from the beginning, then.
            }
            catch (GcsSessionGoneException)
            {
                throw new BucketUnavailableException($"the bucket {options.Bucket} has forgotten the upload of {name} {MostSessions} times");
            }
        }
    }

    /// <summary>Each part of the upload has our token with it, so what says where it goes on is not believed without a look.</summary>
    private Uri AddressOf(HttpResponseMessage begun)
    {
        var said = begun.Headers.Location ?? throw new BucketRefusedException($"the bucket {options.Bucket} began an upload and did not say where");
        return !Uri.TryCreate(options.Endpoint, said, out var address) ? throw new BucketRefusedException($"the bucket {options.Bucket} wants an upload at what is no address")
            : options.Trusts(address) ? address
            : throw new BucketRefusedException(
                $"the bucket {options.Bucket} wants an upload at {address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}, which is not {options.Endpoint}: nothing is sent there");
    }

    private static async Task<string> CheckAsync(BucketContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            await using var body = content.Open();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var crc = new Crc32c();
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                crc.Append(buffer.AsSpan(0, read));
            }

            content.Check(Digest.FromHash(hash.GetHashAndReset()));
            return crc.ToBase64();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Task<bool> PutWholeAsync(GcsMetadata metadata, BucketContent content, string? onlyNew, CancellationToken cancellationToken) => calls.Retry.RunAsync(
        async token =>
        {
            // Two parts, the first of which says what the second is. Of itself each tells its type alone: there are servers that take
            // whatever else is said there for content. The body closes what it sends.
            using var answer = await calls.TryAsync(
                $"put {metadata.Name}",
                () => new HttpRequestMessage(HttpMethod.Post, $"{_upload}?uploadType=multipart&fields=name,size,updated{onlyNew}")
                {
                    Content = new MultipartContent("related")
                    {
                        JsonContent.Create(metadata, GcsJson.Default.GcsMetadata),
                        new StreamContent(content.Open()) { Headers = { ContentType = new MediaTypeHeaderValue(OctetStream) } },
                    },
                },
                onlyNew is null ? [] : [HttpStatusCode.PreconditionFailed],
                token);
            if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return false;
            }

            await CheckStoredAsync(metadata.Name, content.LengthBytes, answer, token);
            return true;
        },
        content.LengthBytes,
        cancellationToken);

    /// <summary>For what was put in chunks: which answer was the last one may be lost.</summary>
    private Task CheckStoredAsync(string name, long lengthBytes, CancellationToken cancellationToken) => calls.Retry.RunAsync(
        async token =>
        {
            using var answer = await calls.TryAsync(
                $"look for {name}",
                () => new HttpRequestMessage(HttpMethod.Get, $"{options.AddressOf(name)}?fields=name,size,updated"),
                [HttpStatusCode.NotFound],
                token);
            // Who has let it go since it was put may do so.
            if (answer.StatusCode != HttpStatusCode.NotFound)
            {
                await CheckStoredAsync(name, lengthBytes, answer, token);
            }
        },
        uploadBytes: 0,
        cancellationToken);

    /// <param name="answer">Tells what the store has.</param>
    private async Task CheckStoredAsync(string name, long lengthBytes, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var stored = await calls.ReadAsync($"put {name}", answer, GcsJson.Default.GcsObject, cancellationToken);
        if (stored.Size == lengthBytes)
        {
            return;
        }

        // It is not what its name says, and nobody is to find it there.
        using var deleted = await calls.TryAsync(
            $"delete {name}", () => new HttpRequestMessage(HttpMethod.Delete, options.AddressOf(name)), [HttpStatusCode.NotFound], cancellationToken);
        throw new BucketRefusedException($"the bucket {options.Bucket} was sent {lengthBytes} bytes of {name} and has kept {stored.Size}");
    }

    private async Task PutChunksAsync(GcsMetadata metadata, BucketContent content, string? onlyNew, CancellationToken cancellationToken)
    {
        using var begun = await calls.SendAsync(
            $"begin {metadata.Name}",
            () => new HttpRequestMessage(HttpMethod.Post, $"{_upload}?uploadType=resumable&fields=name,size,updated{onlyNew}")
            {
                Headers = { { "X-Upload-Content-Type", OctetStream }, { "X-Upload-Content-Length", $"{content.LengthBytes}" } },
                Content = JsonContent.Create(metadata, GcsJson.Default.GcsMetadata),
            },
            [],
            cancellationToken);
        var session = new GcsSession(AddressOf(begun), metadata.Name, calls);
        var ended = false;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            await using var body = content.Open();
            for (long offset = 0; offset < content.LengthBytes;)
            {
                offset = await session.PutChunkAsync(body, buffer.AsMemory(0, ChunkBytes), offset, cancellationToken);
            }

            ended = true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!ended)
            {
                await session.CancelAsync();
            }
        }
    }
}

/// <summary>The store does not know the session any more.</summary>
internal sealed class GcsSessionGoneException : Exception;

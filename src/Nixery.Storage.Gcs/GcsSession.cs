using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>One resumable upload.</summary>
/// <param name="address">Is itself the right to go on: it is told nobody.</param>
internal sealed class GcsSession(Uri address, string name, GcsCalls calls)
{
    private static readonly HttpStatusCode[] Expected = [GcsCalls.ResumeIncomplete, HttpStatusCode.NotFound, HttpStatusCode.Gone];

    /// <summary>Sends what there is at <paramref name="offset"/>, and when that is lost asks how far the store has got.</summary>
    /// <param name="content">Seekable, of the whole length.</param>
    /// <returns>From where to go on; the content's length when the object is there.</returns>
    /// <exception cref="GcsSessionGoneException">There is nothing to go on with.</exception>
    public async Task<long> PutChunkAsync(Stream content, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var first = true;
        return await calls.Retry.RunAsync(
            async token =>
            {
                var from = first ? offset : await AskAsync(content.Length, token);
                first = false;
                return from == content.Length ? from : await SendAsync(content, buffer, from, token);
            },
            buffer.Length,
            cancellationToken);
    }

    /// <summary>Frees what the store keeps of it; else it does so itself after a week.</summary>
    public async Task CancelAsync()
    {
        try
        {
            // The caller's token may be why it is cancelled. 499 is this call's success.
            using var answer = await calls.SendAsync(
                $"cancel {name}", () => new HttpRequestMessage(HttpMethod.Delete, address), [(HttpStatusCode)499, .. Expected], CancellationToken.None);
        }
        catch (Exception e) when (e is BucketUnavailableException or BucketRefusedException)
        {
            // The fault that led here is the one to be told.
        }
    }

    private async Task<long> SendAsync(Stream content, Memory<byte> buffer, long from, CancellationToken cancellationToken)
    {
        var chunk = buffer[..(int)Math.Min(buffer.Length, content.Length - from)];
        content.Position = from;
        await content.ReadExactlyAsync(chunk, cancellationToken);
        using var answer = await calls.TryAsync(
            $"put a part of {name}",
            () => Put(chunk, new ContentRangeHeaderValue(from, from + chunk.Length - 1, content.Length)),
            Expected,
            cancellationToken);
        var reached = Reached(answer, content.Length);
        return reached > from ? reached : throw new BucketUnavailableException($"the upload of {name} does not go on");
    }

    private async Task<long> AskAsync(long length, CancellationToken cancellationToken)
    {
        using var answer = await calls.TryAsync(
            $"go on with {name}", () => Put(ReadOnlyMemory<byte>.Empty, new ContentRangeHeaderValue(length)), Expected, cancellationToken);
        return Reached(answer, length);
    }

    private HttpRequestMessage Put(ReadOnlyMemory<byte> chunk, ContentRangeHeaderValue range) => new(HttpMethod.Put, address)
    {
        Content = new ReadOnlyMemoryContent(chunk) { Headers = { ContentRange = range } },
    };

    /// <summary><c>Range: bytes=0-N</c> says that the store has N + 1 bytes; without it there are none.</summary>
    private static long Reached(HttpResponseMessage answer, long length)
    {
        if (answer.IsSuccessStatusCode)
        {
            return length;
        }

        if (answer.StatusCode != GcsCalls.ResumeIncomplete)
        {
            throw new GcsSessionGoneException();
        }

        var range = answer.Headers.TryGetValues("Range", out var values) ? values.Single() : "";
        return long.TryParse(range.Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last + 1 : 0;
    }
}

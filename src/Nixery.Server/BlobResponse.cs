using System.Globalization;
using Microsoft.Net.Http.Headers;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server;

/// <summary>Answers GET and HEAD of a stored blob: whole, or the single range that was asked for.</summary>
internal sealed class BlobResponse(IBlobStore blobs)
{
    /// <summary>Large enough that a fast disk and a fast network are not held up by calls between them.</summary>
    private const int CopyBufferBytes = 256 * 1024;

    /// <summary>What a digest names never changes.</summary>
    public const string CacheForever = "public, max-age=31536000, immutable";

    /// <returns>False when there is no such blob; nothing is written then.</returns>
    public async Task<bool> TryWriteAsync(HttpContext context, Digest digest, string mediaType, string cacheControl)
    {
        if (await blobs.FindSizeAsync(digest, context.RequestAborted) is not { } size)
        {
            return false;
        }

        var headers = context.Response.Headers;
        headers["Docker-Content-Digest"] = digest.ToString();
        headers.ETag = $"\"{digest}\"";
        headers.AcceptRanges = "bytes";
        headers.CacheControl = cacheControl;
        if (Find(context.Request, digest, size) is not { } range)
        {
            headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
            await OciErrorWriter.WriteAsync(context, OciError.RangeNotSatisfiable($"the blob has {size} bytes, and the range asked for has none of them"));
            return true;
        }

        await WriteAsync(context, digest, mediaType, range, size);
        return true;
    }

    private async Task WriteAsync(HttpContext context, Digest digest, string mediaType, ByteRange range, long size)
    {
        var response = context.Response;
        var length = range.Length ?? size;
        response.ContentType = mediaType;
        response.ContentLength = length;
        if (range != ByteRange.Whole)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange =
                string.Create(CultureInfo.InvariantCulture, $"bytes {range.Offset}-{range.Offset + length - 1}/{size}");
        }

        if (HttpMethods.IsHead(context.Request.Method) || length == 0)
        {
            return;
        }

        await using var content = await blobs.OpenAsync(digest, range, context.RequestAborted)
            ?? throw new IOException($"{digest} went away while it was asked for");
        await content.CopyToAsync(response.Body, CopyBufferBytes, context.RequestAborted);
    }

    /// <summary>
    /// The range to send, null when none of it can be had. What RFC 9110 lets a server ignore is ignored: several
    /// ranges, other units, nonsense.
    /// </summary>
    private static ByteRange? Find(HttpRequest request, Digest digest, long size)
    {
        if (!HttpMethods.IsGet(request.Method)
            || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || !header.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || header.Ranges.Count != 1
            || (request.Headers.IfRange is { Count: > 0 } ifRange && ifRange != $"\"{digest}\""))
        {
            return ByteRange.Whole;
        }

        var asked = header.Ranges.Single();
        var from = asked.From ?? Math.Max(0, size - asked.To!.Value);
        var to = asked.From is null ? size - 1 : Math.Min(asked.To ?? long.MaxValue, size - 1);
        return from <= to ? new ByteRange(from, to - from + 1) : null;
    }
}

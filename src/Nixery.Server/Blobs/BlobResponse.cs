using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using Nixery.Oci;
using Nixery.Server.Errors;
using Nixery.Server.Sight;
using Nixery.Storage;

namespace Nixery.Server.Blobs;

/// <summary>Answers GET and HEAD of a stored blob: whole, or the single range that was asked for.</summary>
internal static partial class BlobResponse
{
    /// <summary>What a digest names never changes.</summary>
    public const string CacheForever = "public, max-age=31536000, immutable";

    /// <summary>The same where not everybody may have it: no cache that several share may keep it.</summary>
    public const string CacheForOne = "private, max-age=31536000, immutable";

    public static async Task WriteAsync(HttpContext context, FoundBlob blob, string cacheControl)
    {
        var headers = context.Response.Headers;
        headers["Docker-Content-Digest"] = blob.Digest.ToString();
        headers.ETag = $"\"{blob.Digest}\"";
        headers.AcceptRanges = "bytes";
        headers.CacheControl = cacheControl;
        if (IsKnown(context.Request, blob.Digest))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (Find(context.Request, blob.Digest, blob.SizeBytes) is { } range)
        {
            await SendAsync(context, blob, range);
            return;
        }

        headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{blob.SizeBytes}");
        await OciErrorWriter.WriteAsync(
            context, OciError.RangeNotSatisfiable($"the blob has {blob.SizeBytes} bytes, and the range asked for has none of them"));
    }

    private static async Task SendAsync(HttpContext context, FoundBlob blob, ByteRange range)
    {
        var response = context.Response;
        var length = range.Length ?? blob.SizeBytes;
        response.ContentType = blob.MediaType;
        response.ContentLength = length;
        if (range != ByteRange.Whole)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange =
                string.Create(CultureInfo.InvariantCulture, $"bytes {range.Offset}-{range.Offset + length - 1}/{blob.SizeBytes}");
        }

        if (HttpMethods.IsHead(context.Request.Method) || length == 0)
        {
            return;
        }

        await blob.SendAsync(range with { Length = length }, response.BodyWriter, context.RequestAborted);
        Served.CountBytes(blob.ManifestType is not null, length);
    }

    private static bool IsKnown(HttpRequest request, Digest digest)
    {
        if (request.Headers.IfNoneMatch.Count == 0)
        {
            return false;
        }

        var tag = new EntityTagHeaderValue($"\"{digest}\"");
        return EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
            && known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(tag, useStrongComparison: false));
    }

    /// <summary>
    /// The range to send, null when none of it can be had. What RFC 9110 lets a server ignore is ignored: several ranges, other
    /// units, nonsense; but not one that ends before it begins, or who sent it would take all of the blob for what was asked.
    /// </summary>
    private static ByteRange? Find(HttpRequest request, Digest digest, long size)
    {
        if (!HttpMethods.IsGet(request.Method)
            || (request.Headers.IfRange is { Count: > 0 } ifRange && ifRange != $"\"{digest}\"")
            || SingleRange().Match(request.Headers.Range.ToString()) is not { Success: true } asked)
        {
            return ByteRange.Whole;
        }

        var (first, last) = (NumberOf(asked.Groups["first"]), NumberOf(asked.Groups["last"]));
        return (first, last) switch
        {
            (null, null) => ByteRange.Whole,
            (null, { } suffix) => Between(Math.Max(0, size - suffix), size - 1),
            ({ } from, { } to) => Between(from, Math.Min(to, size - 1)),
            ({ } from, null) => Between(from, size - 1),
        };
    }

    private static ByteRange? Between(long from, long to) => from <= to ? new ByteRange(from, to - from + 1) : null;

    /// <summary>Null where there is none; what is larger than any file is as good as the largest number.</summary>
    private static long? NumberOf(Group digits) => digits.Length == 0 ? null
        : long.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    [GeneratedRegex(@"\A\s*bytes\s*=\s*(?<first>[0-9]*)\s*-\s*(?<last>[0-9]*)\s*\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SingleRange();
}

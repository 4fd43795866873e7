using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server;

/// <summary>Answers GET and HEAD of a stored blob: whole, or the single range that was asked for.</summary>
internal static partial class BlobResponse
{
    /// <summary>What a digest names never changes.</summary>
    public const string CacheForever = "public, max-age=31536000, immutable";

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
    /// The range to send, null when none of it can be had. What RFC 9110 lets a server ignore is ignored: several
    /// ranges, other units, nonsense.
    /// </summary>
    private static ByteRange? Find(HttpRequest request, Digest digest, long size)
    {
        var text = request.Headers.Range.ToString();
        if (!HttpMethods.IsGet(request.Method) || (request.Headers.IfRange is { Count: > 0 } ifRange && ifRange != $"\"{digest}\""))
        {
            return ByteRange.Whole;
        }

        if (!RangeHeaderValue.TryParse(text, out var header)
            || !header.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || header.Ranges.Count != 1)
        {
            // One that ends before it begins could be ignored too; who sent it would take all of the blob for what was asked.
            return EndsBeforeItBegins(text) ? null : ByteRange.Whole;
        }

        var asked = header.Ranges.Single();
        var from = asked.From ?? Math.Max(0, size - asked.To!.Value);
        var to = asked.From is null ? size - 1 : Math.Min(asked.To ?? long.MaxValue, size - 1);
        return from <= to ? new ByteRange(from, to - from + 1) : null;
    }

    private static bool EndsBeforeItBegins(string range) => Backwards().Match(range) is { Success: true } match
        && ulong.TryParse(match.Groups["from"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && ulong.TryParse(match.Groups["to"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
        && from > to;

    [GeneratedRegex(@"\Abytes\s*=\s*(?<from>[0-9]+)\s*-\s*(?<to>[0-9]+)\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Backwards();
}

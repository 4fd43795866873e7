using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using static Nixery.Doubles.S3Answers;

namespace Nixery.Doubles;

/// <summary>Objects that come in parts.</summary>
/// <param name="receiveAsync">Takes a body; null where it was refused.</param>
internal sealed class S3DoubleUploads(Shelf shelf, Func<DateTimeOffset> now, Func<HttpContext, Task<ShelfObject?>> receiveAsync)
{
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    public int Count => _uploads.Count;

    public Task BeginAsync(HttpContext context, string key)
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = new Upload(key, now(), new ConcurrentDictionary<int, ShelfObject>());
        return AnswerAsync(context, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", S3Double.Bucket), new XElement("Key", key), new XElement("UploadId", id)));
    }

    public async Task PutPartAsync(HttpContext context)
    {
        if (!_uploads.TryGetValue(context.Request.Query["uploadId"].ToString(), out var upload))
        {
            await RefuseAsync(context, 404, "NoSuchUpload");
            return;
        }

        if (await receiveAsync(context) is { } part)
        {
            upload.Parts[int.Parse(context.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = part;
            context.Response.Headers.ETag = part.Tag;
        }
    }

    public async Task CompleteAsync(HttpContext context, string key)
    {
        var body = await XElement.LoadAsync(context.Request.Body, LoadOptions.None, context.RequestAborted);
        if (!_uploads.TryRemove(context.Request.Query["uploadId"].ToString(), out var upload))
        {
            await RefuseAsync(context, 404, "NoSuchUpload");
            return;
        }

        var named = body.Elements().Select(p => (
            Number: int.Parse(p.Elements().Single(e => e.Name.LocalName == "PartNumber").Value, CultureInfo.InvariantCulture),
            Tag: p.Elements().Single(e => e.Name.LocalName == "ETag").Value.Trim('"'))).ToList();
        if (!named.Select(p => p.Number).SequenceEqual(Enumerable.Range(1, upload.Parts.Count)) || named.Any(p => upload.Parts[p.Number].Md5 != p.Tag)
            || named.SkipLast(1).Any(p => upload.Parts[p.Number].SizeBytes < 5 * 1024 * 1024))
        {
            await RefuseAsync(context, 400, "InvalidPart");
            return;
        }

        var whole = await shelf.ReceiveAsync(named.Select(p => (Stream)File.OpenRead(upload.Parts[p.Number].Path)), context.RequestAborted);
        shelf.Objects[key] = whole with { Md5 = $"{whole.Md5}-{named.Count}" };
        await AnswerAsync(context, new XElement("CompleteMultipartUploadResult", new XElement("Bucket", S3Double.Bucket), new XElement("Key", key), new XElement("ETag", "\"whole\"")));
    }

    public Task AbortAsync(HttpContext context)
    {
        context.Response.StatusCode = _uploads.TryRemove(context.Request.Query["uploadId"].ToString(), out _) ? 204 : 404;
        return Task.CompletedTask;
    }

    public Task ListAsync(HttpContext context) => AnswerAsync(context, new XElement(
        "ListMultipartUploadsResult",
        new XElement("Bucket", S3Double.Bucket),
        new XElement("IsTruncated", "false"),
        _uploads.Where(u => u.Value.Key.StartsWith(context.Request.Query["prefix"].ToString(), StringComparison.Ordinal)).Select(u => new XElement(
            "Upload",
            new XElement("Key", u.Value.Key),
            new XElement("UploadId", u.Key),
            new XElement("Initiated", u.Value.Begun.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))))));

    private sealed record Upload(string Key, DateTimeOffset Begun, ConcurrentDictionary<int, ShelfObject> Parts);
}

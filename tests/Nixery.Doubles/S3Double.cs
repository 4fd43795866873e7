using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

/// <summary>
/// Stands in for an S3 server: one bucket, paths in the style of servers that are not Amazon's. It checks each signature and each body,
/// and fails on every call that it does not know.
/// </summary>
public sealed class S3Double : IAsyncDisposable
{
    public const string Bucket = "images";
    public const string AccessKey = "AKDOUBLE";
    public const string SecretKey = "a secret that must not be told";
    public const string Region = "eu-test-1";

    /// <summary>So that a list of a few objects has several pages.</summary>
    private const int PageLength = 3;

    private volatile AwsSignature _signature = new(AccessKey, SecretKey, Region);
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private DoubleHost _host = null!;

    public Misbehaviour Misbehaviour { get; } = new();

    public Shelf Shelf { get; } = new();

    /// <summary>What was asked of it that it does not know.</summary>
    public ConcurrentQueue<string> Unknown { get; } = new();

    /// <summary>How far its clock is from that of the machine.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Whether it knows conditional writes.</summary>
    public bool KnowsConditions { get; set; } = true;

    /// <summary>Headers of the last request that put something.</summary>
    public IReadOnlyDictionary<string, string> LastPut { get; private set; } = new Dictionary<string, string>();

    public int UnfinishedUploads => _uploads.Count;

    public Uri Address => _host.Address;

    private DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Skew;

    public static async Task<S3Double> StartAsync()
    {
        var made = new S3Double();
        made._host = await DoubleHost.StartAsync(context => made.Misbehaviour.AnswerAsync(context, made.AnswerAsync));
        return made;
    }

    /// <summary>From now on no other key pair is believed.</summary>
    public void ReplaceKeys(string accessKey, string secretKey) => _signature = new AwsSignature(accessKey, secretKey, Region);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Shelf.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (await Misbehaviour.TakesAsync(context))
        {
            return;
        }

        var request = context.Request;
        if (_signature.FindProblem(request, Now) is { } problem)
        {
            await RefuseAsync(context, 403, problem);
            return;
        }

        var path = request.Path.Value!.TrimStart('/');
        var key = path.Contains('/', StringComparison.Ordinal) ? path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..] : "";
        if (path.Split('/')[0] != Bucket)
        {
            await RefuseAsync(context, 404, "NoSuchBucket");
            return;
        }

        if (HttpMethods.IsPut(request.Method))
        {
            LastPut = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        var query = request.Query.Keys.Where(k => !k.StartsWith("X-Amz-", StringComparison.Ordinal) && k != "x-id").Order(StringComparer.Ordinal);
        await ((request.Method, key.Length > 0, string.Join(',', query)) switch
        {
            ("HEAD" or "GET", true, "") => GetAsync(context, key),
            ("PUT", true, "") => PutAsync(context, key),
            ("DELETE", true, "") => DeleteAsync(context, key),
            ("GET", false, "list-type,prefix" or "continuation-token,list-type,prefix") => ListAsync(context),
            ("POST", true, "uploads") => BeginAsync(context, key),
            ("PUT", true, "partNumber,uploadId") => PutPartAsync(context),
            ("POST", true, "uploadId") => CompleteAsync(context, key),
            ("DELETE", true, "uploadId") => AbortAsync(context),
            ("GET", false, "prefix,uploads") => ListUploadsAsync(context),
            var other => UnknownAsync(context, $"{other}"),
        });
    }

    private Task GetAsync(HttpContext context, string key)
    {
        if (!Shelf.Objects.TryGetValue(key, out var found))
        {
            return RefuseAsync(context, 404, "NoSuchKey");
        }

        context.Response.Headers.LastModified = (found.Modified + Skew).ToString("R", CultureInfo.InvariantCulture);
        context.Response.Headers.ETag = found.Tag;
        return Shelf.SendAsync(context, found, Misbehaviour);
    }

    private async Task PutAsync(HttpContext context, string key)
    {
        if (await ReceiveAsync(context) is not { } received)
        {
            return;
        }

        var onlyNew = context.Request.Headers.IfNoneMatch.ToString();
        if (onlyNew.Length > 0 && !KnowsConditions)
        {
            await RefuseAsync(context, 501, "NotImplemented");
            return;
        }

        lock (_writing)
        {
            if (onlyNew == "*" && Shelf.Objects.ContainsKey(key))
            {
                context.Response.StatusCode = 412;
            }
            else
            {
                Shelf.Objects[key] = received;
                context.Response.Headers.ETag = received.Tag;
            }
        }
    }

    /// <summary>A body is of the announced length and digest, or it is refused.</summary>
    private async Task<ShelfObject?> ReceiveAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Request.ContentLength is null || headers.ContainsKey("x-amz-trailer") || headers.ContentEncoding.ToString().Contains("aws-chunked", StringComparison.Ordinal))
        {
            await UnknownAsync(context, "a body in chunks");
            return null;
        }

        var received = await Shelf.ReceiveAsync(context.Request.Body, context.RequestAborted);
        if (received.Sha256 == headers["x-amz-content-sha256"].ToString())
        {
            return received;
        }

        await RefuseAsync(context, 400, "XAmzContentSHA256Mismatch");
        return null;
    }

    private Task DeleteAsync(HttpContext context, string key)
    {
        Shelf.Objects.TryRemove(key, out _);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var after = query["continuation-token"].ToString();
        var rest = Shelf.Objects.Where(o => o.Key.StartsWith(query["prefix"].ToString(), StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0)
            .OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
        var page = rest.Take(PageLength).ToList();
        return AnswerAsync(context, new XElement(
            "ListBucketResult",
            new XElement("Name", Bucket),
            new XElement("IsTruncated", rest.Count > PageLength ? "true" : "false"),
            rest.Count > PageLength ? new XElement("NextContinuationToken", page[^1].Key) : null,
            page.Select(o => new XElement(
                "Contents",
                new XElement("Key", o.Key),
                new XElement("Size", o.Value.SizeBytes),
                new XElement("LastModified", (o.Value.Modified + Skew).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))))));
    }

    private Task BeginAsync(HttpContext context, string key)
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = new Upload(key, Now, new ConcurrentDictionary<int, ShelfObject>());
        return AnswerAsync(context, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("UploadId", id)));
    }

    private async Task PutPartAsync(HttpContext context)
    {
        if (!_uploads.TryGetValue(context.Request.Query["uploadId"].ToString(), out var upload))
        {
            await RefuseAsync(context, 404, "NoSuchUpload");
            return;
        }

        if (await ReceiveAsync(context) is { } part)
        {
            upload.Parts[int.Parse(context.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = part;
            context.Response.Headers.ETag = part.Tag;
        }
    }

    private async Task CompleteAsync(HttpContext context, string key)
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

        var whole = await Shelf.ReceiveAsync(named.Select(p => (Stream)File.OpenRead(upload.Parts[p.Number].Path)), context.RequestAborted);
        Shelf.Objects[key] = whole with { Md5 = $"{whole.Md5}-{named.Count}" };
        await AnswerAsync(context, new XElement("CompleteMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("ETag", "\"whole\"")));
    }

    private Task AbortAsync(HttpContext context)
    {
        context.Response.StatusCode = _uploads.TryRemove(context.Request.Query["uploadId"].ToString(), out _) ? 204 : 404;
        return Task.CompletedTask;
    }

    private Task ListUploadsAsync(HttpContext context) => AnswerAsync(context, new XElement(
        "ListMultipartUploadsResult",
        new XElement("Bucket", Bucket),
        new XElement("IsTruncated", "false"),
        _uploads.Where(u => u.Value.Key.StartsWith(context.Request.Query["prefix"].ToString(), StringComparison.Ordinal)).Select(u => new XElement(
            "Upload",
            new XElement("Key", u.Value.Key),
            new XElement("UploadId", u.Key),
            new XElement("Initiated", u.Value.Begun.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))))));

    private Task UnknownAsync(HttpContext context, string call)
    {
        Unknown.Enqueue(call);
        return RefuseAsync(context, 400, "NotImplemented");
    }

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : AnswerAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", "no"), new XElement("RequestId", "r1")));
    }

    private static Task AnswerAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(answer.ToString(), context.RequestAborted);
    }

    private sealed record Upload(string Key, DateTimeOffset Begun, ConcurrentDictionary<int, ShelfObject> Parts);
}

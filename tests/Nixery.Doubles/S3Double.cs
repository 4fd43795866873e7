using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using static Nixery.Doubles.S3Answers;

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
    private readonly S3DoubleUploads _uploads;
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

    private S3Double() => _uploads = new S3DoubleUploads(Shelf, () => Now, ReceiveAsync);

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
            ("POST", true, "uploads") => _uploads.BeginAsync(context, key),
            ("PUT", true, "partNumber,uploadId") => _uploads.PutPartAsync(context),
            ("POST", true, "uploadId") => _uploads.CompleteAsync(context, key),
            ("DELETE", true, "uploadId") => _uploads.AbortAsync(context),
            ("GET", false, "prefix,uploads") => _uploads.ListAsync(context),
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
        return S3Answers.AnswerAsync(context, new XElement(
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

    private Task UnknownAsync(HttpContext context, string call)
    {
        Unknown.Enqueue(call);
        return RefuseAsync(context, 400, "NotImplemented");
    }
}

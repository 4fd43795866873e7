using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Nixery.Doubles;

/// <summary>
/// Stands in for Google Cloud Storage, its tokens, its metadata server and its IAM: one bucket. It checks each token, checksum and
/// signature, and fails on every call that it does not know.
/// </summary>
public sealed class GcsDouble : IAsyncDisposable
{
    public const string Bucket = "images";

    /// <summary>So that a list of a few objects has several pages.</summary>
    private const int PageLength = 3;

    private readonly GcsSessions _sessions;
    private readonly Lock _writing = new();
    private DoubleHost _host = null!;

    private GcsDouble() => _sessions = new GcsSessions(this);

    public Misbehaviour Misbehaviour { get; } = new();

    public Shelf Shelf { get; } = new();

    public GoogleAccount Account { get; } = new();

    /// <summary>What was asked of it that it does not know.</summary>
    public ConcurrentQueue<string> Unknown { get; } = new();

    /// <summary>How far its clock is from that of the machine.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Whether IAM lets the account sign.</summary>
    public bool MaySign { get; set; } = true;

    /// <summary>How many signatures IAM has given.</summary>
    public int SignedByIam { get; private set; }

    /// <summary>Of each chunk, only so much is kept, as may be at any time; null for all.</summary>
    public int? KeepOfChunk { get; set; }

    /// <summary>Of each object only so much is kept, and all is said to be well, as by a server that has not understood the call; null for all.</summary>
    public int? KeepOfObject { get; set; }

    public int UnfinishedUploads => _sessions.Count;

    /// <summary>Forgets what is being uploaded, as may be at any time.</summary>
    public void ForgetUploads() => _sessions.Forget();

    public Uri Address => _host.Address;

    internal DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Skew;

    public static async Task<GcsDouble> StartAsync()
    {
        var made = new GcsDouble();
        made._host = await DoubleHost.StartAsync(context => made.Misbehaviour.AnswerAsync(context, made.AnswerAsync));
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Shelf.Dispose();
        Account.Dispose();
    }

    /// <returns>False when there is an object that was not to be replaced.</returns>
    internal async Task<bool> TryPutAsync(HttpContext context, string name, ShelfObject received, string? expectedCrc)
    {
        if (await Crc32.OfAsync(received.Path, context.RequestAborted) != expectedCrc)
        {
            await RefuseAsync(context, 400);
            return false;
        }

        if (KeepOfObject is { } kept && kept < received.SizeBytes)
        {
            received = await Shelf.CutAsync(received, kept, context.RequestAborted);
        }

        lock (_writing)
        {
            if (context.Request.Query["ifGenerationMatch"] == "0" && Shelf.Objects.ContainsKey(name))
            {
                context.Response.StatusCode = 412;
                return false;
            }

            Shelf.Objects[name] = received;
        }

        await AnswerAsync(context, Describe(name, received));
        return true;
    }

    internal Task UnknownAsync(HttpContext context, string call)
    {
        Unknown.Enqueue(call);
        return RefuseAsync(context, 501);
    }

    internal static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($"{{\"error\":{{\"code\":{status},\"message\":\"no\"}}}}", context.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext context, object answer)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer), context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (await Misbehaviour.TakesAsync(context))
        {
            return;
        }

        // As it was sent: names have slashes, which are escaped there.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        const string Objects = $"/storage/v1/b/{Bucket}/o";
        await ((context.Request.Method, target) switch
        {
            ("POST", "/token") => Account.GiveTokenAsync(context),
            ("GET", "/computeMetadata/v1/instance/service-accounts/default/token") => Account.GiveAsync(context),
            ("GET", "/computeMetadata/v1/instance/service-accounts/default/email") => context.Response.WriteAsync(GoogleAccount.Email),
            ("GET", "/computeMetadata/v1/universe/universe-domain" or "/computeMetadata/v1/universe/universe_domain") => context.Response.WriteAsync("googleapis.com"),
            ("GET", _) when context.Request.Query.ContainsKey("X-Goog-Signature") => GetSignedAsync(context, target),
            _ when !Account.Knows(context.Request) => RefuseAsync(context, 401),
            ("POST", $"/v1/projects/-/serviceAccounts/{GoogleAccount.Email}:signBlob") => SignAsync(context),
            ("GET", Objects) => ListAsync(context),
            ("GET", _) when target.StartsWith(Objects + "/", StringComparison.Ordinal) => GetAsync(context, Uri.UnescapeDataString(target[(Objects.Length + 1)..])),
            ("DELETE", _) when target.StartsWith(Objects + "/", StringComparison.Ordinal) => DeleteAsync(context, Uri.UnescapeDataString(target[(Objects.Length + 1)..])),
            ("POST", "/upload" + Objects) when context.Request.Query["uploadType"] == "multipart" => PutAsync(context),
            ("POST", "/upload" + Objects) when context.Request.Query["uploadType"] == "resumable" => _sessions.BeginAsync(context, Address),
            ("PUT" or "DELETE", "/upload" + Objects) when context.Request.Query.ContainsKey("upload_id") => _sessions.AnswerAsync(context),
            ("GET" or "POST" or "DELETE", _) when target.StartsWith("/storage/v1/b/", StringComparison.Ordinal) || target.StartsWith("/upload/storage/v1/b/", StringComparison.Ordinal) =>
                RefuseAsync(context, 404),
            var other => UnknownAsync(context, $"{other}"),
        });
    }

    private Task SignAsync(HttpContext context)
    {
        if (!MaySign)
        {
            return RefuseAsync(context, 403);
        }

        SignedByIam++;
        return Account.SignAsync(context);
    }

    private Task GetAsync(HttpContext context, string name) => !Shelf.Objects.TryGetValue(name, out var found) ? RefuseAsync(context, 404)
        : context.Request.Query["alt"] == "media" ? Shelf.SendAsync(context, found, Misbehaviour)
        : AnswerAsync(context, Describe(name, found));

    private Dictionary<string, string> Describe(string name, ShelfObject found) => new()
    {
        ["name"] = name,
        ["size"] = found.SizeBytes.ToString(CultureInfo.InvariantCulture),
        ["updated"] = (found.Modified + Skew).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };

    private Task DeleteAsync(HttpContext context, string name)
    {
        context.Response.StatusCode = Shelf.Objects.TryRemove(name, out _) ? 204 : 404;
        return Task.CompletedTask;
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var after = query["pageToken"].ToString();
        var rest = Shelf.Objects.Where(o => o.Key.StartsWith(query["prefix"].ToString(), StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0)
            .OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
        var answer = new Dictionary<string, object>();
        if (rest.Count > 0)
        {
            // An empty list has no items at all there.
            answer["items"] = rest.Take(PageLength).Select(o => Describe(o.Key, o.Value)).ToList();
        }

        if (rest.Count > PageLength)
        {
            answer["nextPageToken"] = rest[PageLength - 1].Key;
        }

        return AnswerAsync(context, answer);
    }

    private async Task PutAsync(HttpContext context)
    {
        var type = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        var first = await reader.ReadNextSectionAsync(context.RequestAborted);
        var metadata = (await JsonDocument.ParseAsync(first!.Body, cancellationToken: context.RequestAborted)).RootElement;
        var second = await reader.ReadNextSectionAsync(context.RequestAborted);
        var received = await Shelf.ReceiveAsync(second!.Body, context.RequestAborted);
        await TryPutAsync(context, metadata.GetProperty("name").GetString()!, received, metadata.GetProperty("crc32c").GetString());
    }

    /// <summary>https://cloud.google.com/storage/docs/authentication/canonical-requests</summary>
    private Task GetSignedAsync(HttpContext context, string target)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal);
        var time = query["X-Goog-Date"];
        var scope = $"{time[..8]}/auto/storage/goog4_request";
        var canonicalQuery = string.Join('&', query.Where(q => q.Key != "X-Goog-Signature").OrderBy(q => q.Key, StringComparer.Ordinal)
            .Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}"));
        var canonical = $"GET\n{target}\n{canonicalQuery}\nhost:{context.Request.Host}\n\nhost\nUNSIGNED-PAYLOAD";
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(canonical)));
        var age = Now - DateTimeOffset.ParseExact(time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var isRight = query["X-Goog-Credential"] == $"{GoogleAccount.Email}/{scope}"
            && age < TimeSpan.FromSeconds(int.Parse(query["X-Goog-Expires"], CultureInfo.InvariantCulture))
            && Account.IsRight($"GOOG4-RSA-SHA256\n{time}\n{scope}\n{digest}", Convert.FromHexString(query["X-Goog-Signature"]));
        var name = Uri.UnescapeDataString(target[$"/{Bucket}/".Length..]);
        return !isRight ? RefuseAsync(context, 403)
            : Shelf.Objects.TryGetValue(name, out var found) ? Shelf.SendAsync(context, found, Misbehaviour) : RefuseAsync(context, 404);
    }
}

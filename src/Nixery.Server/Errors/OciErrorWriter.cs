using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Server.Errors;

/// <summary>Writes an <see cref="OciError"/>: the only place that knows what an error looks like on the wire.</summary>
internal static class OciErrorWriter
{
    /// <summary>Reason phrases are for a person's eye; proxies cut long ones.</summary>
    private const int LongestReasonPhrase = 200;

    /// <summary>Quotes of a sentence stay quotes: some clients print the body as it is.</summary>
    private static readonly ErrorJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static Task WriteAsync(HttpContext context, OciError error)
    {
        var body = BodyOf(error);
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers["Docker-Distribution-API-Version"] = RegistryEndpoints.ApiVersion;
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        // HEAD has no body, and of an answer to HEAD every client prints the status line.
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = ReasonPhrase(error.Message);
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>The same as the bytes of a whole answer in HTTP/1.1, after which the connection ends.</summary>
    public static byte[] MessageOf(OciError error, bool isHead, DateTimeOffset now)
    {
        var body = BodyOf(error);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {error.Status} {ReasonPhrase(error.Message)}
            Content-Length: {body.Length}
            Connection: close
            Content-Type: application/json
            Date: {now:R}
            Cache-Control: no-store
            Docker-Distribution-API-Version: {RegistryEndpoints.ApiVersion}


            """).ReplaceLineEndings("\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. isHead ? [] : body];
    }

    private static byte[] BodyOf(OciError error) =>
        JsonSerializer.SerializeToUtf8Bytes(new ErrorBody([new ErrorEntry(error.Code, error.Message)]), Readable.ErrorBody);

    /// <summary>Printable ASCII alone: anything else could end the status line and begin a header.</summary>
    private static string ReasonPhrase(string message)
    {
        var phrase = new StringBuilder(message.Length);
        foreach (var c in message.Take(LongestReasonPhrase))
        {
            phrase.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return phrase.ToString();
    }
}

internal sealed record ErrorBody(IReadOnlyList<ErrorEntry> Errors);

internal sealed record ErrorEntry(string Code, string Message);

[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext;

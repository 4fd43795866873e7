using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Doubles;

/// <summary>
/// Checks AWS Signature Version 4 as the documentation tells it, in a header or in the address.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
/// </summary>
internal sealed class AwsSignature(string accessKey, string secretKey, string region)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);

    /// <returns>Null when it is right, else the store's code for what is wrong.</returns>
    public string? FindProblem(HttpRequest request, DateTimeOffset now) =>
        request.Query.ContainsKey("X-Amz-Signature") ? CheckAddress(request, now) : CheckHeader(request, now);

    private string? CheckHeader(HttpRequest request, DateTimeOffset now)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            return "AccessDenied";
        }

        var parts = header[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries)
            .Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        var payload = request.Headers["x-amz-content-sha256"].ToString();
        if (payload.Length != 64)
        {
            // No unsigned payloads and no chunks: what servers that are not Amazon's differ in.
            return "NotImplemented";
        }

        var time = request.Headers["x-amz-date"].ToString();
        return Check(request, parts["Credential"], parts["SignedHeaders"], parts["Signature"], time, payload, QueryOf(request, []), now - At(time), MostSkew);
    }

    private string? CheckAddress(HttpRequest request, DateTimeOffset now)
    {
        var query = request.Query;
        var time = query["X-Amz-Date"].ToString();
        var age = now - At(time);
        var lifetime = TimeSpan.FromSeconds(int.Parse(query["X-Amz-Expires"].ToString(), CultureInfo.InvariantCulture));
        if (age > lifetime)
        {
            return "AccessDenied";
        }

        return Check(
            request, query["X-Amz-Credential"].ToString(), query["X-Amz-SignedHeaders"].ToString(), query["X-Amz-Signature"].ToString(), time,
            "UNSIGNED-PAYLOAD", QueryOf(request, ["X-Amz-Signature"]), age, lifetime + MostSkew);
    }

    private string? Check(
        HttpRequest request, string credential, string signedHeaders, string signature, string time, string payload, string query, TimeSpan age, TimeSpan most)
    {
        if (age.Duration() > most)
        {
            return "RequestTimeTooSkewed";
        }

        var scope = $"{time[..8]}/{region}/s3/aws4_request";
        if (credential != $"{accessKey}/{scope}")
        {
            return "InvalidAccessKeyId";
        }

        // All that a proxy could change unseen must be signed.
        var names = signedHeaders.Split(';');
        if (!names.Contains("host") || request.Headers.Keys.Any(h => h.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !names.Contains(h.ToLowerInvariant())))
        {
            return "AccessDenied";
        }

        var path = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        var headers = string.Concat(names.Select(n => $"{n}:{request.Headers[n].ToString().Trim()}\n"));
        var canonical = $"{request.Method}\n{path}\n{query}\n{headers}\n{signedHeaders}\n{payload}";
        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var word in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(word));
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) == signature ? null : "SignatureDoesNotMatch";
    }

    private static string QueryOf(HttpRequest request, string[] without) => string.Join('&', request.Query
        .Where(q => !without.Contains(q.Key)).OrderBy(q => q.Key, StringComparer.Ordinal)
        .Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value.ToString())}"));

    private static DateTimeOffset At(string time) => DateTimeOffset.ParseExact(
        time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

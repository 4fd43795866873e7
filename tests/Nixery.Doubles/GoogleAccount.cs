using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

/// <summary>A service account of a double: gives out tokens for its own assertions, and signs as IAM does.</summary>
public sealed class GoogleAccount : IDisposable
{
    public const string Email = "nixery@project.iam.gserviceaccount.com";

    private readonly RSA _key = RSA.Create(2048);
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>The key file, as the console of Google's cloud gives it out.</summary>
    public string KeyFile(Uri server) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["type"] = "service_account",
        ["project_id"] = "project",
        ["private_key_id"] = "key1",
        ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = Email,
        ["client_id"] = "1",
        ["token_uri"] = new Uri(server, "token").AbsoluteUri,
    });

    public bool IsRight(string signedText, byte[] signature) =>
        _key.VerifyData(Encoding.UTF8.GetBytes(signedText), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    internal bool Knows(HttpRequest request) => request.Headers.Authorization.ToString() == $"Bearer {_token}";

    /// <summary>https://developers.google.com/identity/protocols/oauth2/service-account#httprest</summary>
    internal async Task GiveTokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var parts = form["assertion"].ToString().Split('.');
        if (form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer" || parts.Length != 3
            || !IsRight($"{parts[0]}.{parts[1]}", FromUrl(parts[2])) || JsonDocument.Parse(FromUrl(parts[1])).RootElement.GetProperty("iss").GetString() != Email)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"error":"invalid_grant"}""");
            return;
        }

        await GiveAsync(context);
    }

    /// <summary>What the metadata server of a machine answers, which asks for no proof.</summary>
    internal Task GiveAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"access_token":"{{_token}}","expires_in":3600,"token_type":"Bearer"}""");
    }

    /// <summary>https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob</summary>
    internal async Task SignAsync(HttpContext context)
    {
        var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var signature = _key.SignData(body.RootElement.GetProperty("payload").GetBytesFromBase64(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"keyId":"k","signedBlob":"{{Convert.ToBase64String(signature)}}"}""");
    }

    public void Dispose() => _key.Dispose();

    private static byte[] FromUrl(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}

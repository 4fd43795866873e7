using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Nixery.Doubles;

/// <summary>
/// Stands in for an OIDC issuer: its discovery document, its key set, and tokens that are made by hand, so that they can be wrong in all
/// ways.
/// </summary>
public sealed class OidcIssuer : IAsyncDisposable
{
    public const string Audience = "nixery.example";

    private DoubleHost _host = null!;
    private SigningKey _key = new();
    private int _reads;

    private OidcIssuer()
    {
    }

    public Uri Address => _host.Address;

    public string Issuer => Address.AbsoluteUri.TrimEnd('/');

    /// <summary>How often its keys were read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public bool IsDown { get; set; }

    /// <summary>What anybody can read of its key.</summary>
    public string PublicKeyPem => _key.Rsa.ExportSubjectPublicKeyInfoPem();

    /// <summary>What who asks for its keys must send; null where anybody may.</summary>
    public string? Expects { get; set; }

    public static Task<OidcIssuer> StartAsync() => StartAsync(certificate: null);

    /// <param name="certificate">Where it speaks https.</param>
    public static async Task<OidcIssuer> StartAsync(X509Certificate2? certificate)
    {
        var made = new OidcIssuer();
        made._host = await DoubleHost.StartAsync(made.AnswerAsync, certificate);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _key.Rsa.Dispose();
    }

    /// <summary>From now on tokens are signed by another key, and the old one is not in the key set any more.</summary>
    public void Rotate() => _key = new SigningKey();

    /// <summary>From now on tokens are signed on an elliptic curve.</summary>
    public void RotateToCurve() => _key = new SigningKey(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>A token that is good for an hour.</summary>
    /// <param name="more">Claims over the usual ones; null takes one away.</param>
    public string Sign(string subject, params IEnumerable<(string Claim, object? Value)> more) => Join(
        new Dictionary<string, object?> { ["alg"] = _key.Algorithm, ["typ"] = "JWT", ["kid"] = _key.Id }, ClaimsOf(subject, more), _key.Sign);

    /// <summary>Not signed at all, and saying so.</summary>
    public string SignByNone(string subject) => Join(
        new Dictionary<string, object?> { ["alg"] = "none", ["typ"] = "JWT" }, ClaimsOf(subject, []), _ => []);

    /// <summary>By an HMAC whose secret is the public key: good for who takes any key for any algorithm.</summary>
    public string SignByPublicKey(string subject) => Join(
        new Dictionary<string, object?> { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = _key.Id },
        ClaimsOf(subject, []),
        text => HMACSHA256.HashData(Encoding.UTF8.GetBytes(PublicKeyPem), text));

    /// <summary>By a key that is not the issuer's, under the name of the one that is.</summary>
    public string SignByAnother(string subject)
    {
        using var other = RSA.Create(2048);
        return Join(
            new Dictionary<string, object?> { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = _key.Id },
            ClaimsOf(subject, []),
            text => other.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private Dictionary<string, object?> ClaimsOf(string subject, IEnumerable<(string Claim, object? Value)> more)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object?> { ["iss"] = Issuer, ["aud"] = Audience, ["sub"] = subject, ["iat"] = now, ["nbf"] = now, ["exp"] = now + 3600 };
        foreach (var (claim, value) in more)
        {
            claims[claim] = value;
        }

        return claims.Where(c => c.Value is not null).ToDictionary();
    }

    private static string Join(Dictionary<string, object?> header, Dictionary<string, object?> claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{Encode(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Encode(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);

    /// <summary>With a name of its character set that .NET does not know, as some servers write it.</summary>
    private static Task AnswerAsync<T>(HttpContext context, T value) =>
        context.Response.WriteAsJsonAsync(value, (JsonSerializerOptions?)null, "application/json; charset=utf8");

    private Task AnswerAsync(HttpContext context)
    {
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        if (Expects is { } token && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                return AnswerAsync(context, new Dictionary<string, object> { ["issuer"] = Issuer, ["jwks_uri"] = $"{Issuer}/keys" });
            case "/keys":
                Interlocked.Increment(ref _reads);
                return AnswerAsync(context, new Dictionary<string, object> { ["keys"] = new[] { _key.Jwk } });
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private sealed class SigningKey(ECDsa? curve = null)
    {
        public RSA Rsa { get; } = RSA.Create(2048);

        public string Id { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));

        public string Algorithm => curve is null ? "RS256" : "ES256";

        public Dictionary<string, string> Jwk => curve is null ? OfRsa() : OfCurve(curve.ExportParameters(includePrivateParameters: false));

        public byte[] Sign(byte[] text) => curve is null
            ? Rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : curve.SignData(text, HashAlgorithmName.SHA256);

        private Dictionary<string, string> OfRsa()
        {
            var parameters = Rsa.ExportParameters(includePrivateParameters: false);
            return new()
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["alg"] = Algorithm,
                ["kid"] = Id,
                ["n"] = Encode(parameters.Modulus!),
                ["e"] = Encode(parameters.Exponent!),
            };
        }

        private Dictionary<string, string> OfCurve(ECParameters parameters) => new()
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["kid"] = Id,
            ["x"] = Encode(parameters.Q.X!),
            ["y"] = Encode(parameters.Q.Y!),
        };
    }
}

using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.IdentityModel.Tokens;
using Nixery.Server.Configuring;

namespace Nixery.Server.Access.Issuers;

/// <summary>
/// The keys of an issuer, from where its discovery document says that they are (https://openid.net/specs/openid-connect-discovery-1_0.html).
/// They are read again from time to time, and at once for a token whose key is not among them; while they cannot be, the last ones hold.
/// </summary>
/// <param name="name">In the log.</param>
internal sealed partial class KeySet(string name, IssuerOptions options, HttpClient http, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A token with a made-up key must not have the issuer asked each time.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(5);

    /// <summary>A key that was withdrawn while the issuer is away is believed no longer than this.</summary>
    private static readonly TimeSpan BelieveFor = TimeSpan.FromDays(1);

    private static readonly string[] Asymmetric = [JsonWebAlgorithmsKeyTypes.RSA, JsonWebAlgorithmsKeyTypes.EllipticCurve];

    private readonly SemaphoreSlim _asking = new(1);
    private Look? _last;
    private long? _asked;

    /// <returns>Null while the issuer cannot be asked.</returns>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(CancellationToken cancellationToken) =>
        Usable() ?? await AskAsync(cancellationToken);

    /// <summary>What is believed is older than it should be.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) =>
        _last is { } last && time.GetElapsedTime(last.At) < RefreshAfter ? Task.CompletedTask : AskAsync(cancellationToken);

    /// <summary>Asks the issuer, or not if it was asked just now.</summary>
    public async Task<IReadOnlyList<SecurityKey>?> AskAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_asked is not { } asked || time.GetElapsedTime(asked) >= AskAgainAfter)
            {
                _last = await ReadAsync(cancellationToken) ?? _last;
                _asked = time.GetTimestamp();
            }
        }
        finally
        {
            _asking.Release();
        }

        return Usable();
    }

    public void Dispose()
    {
        _asking.Dispose();
        http.Dispose();
    }

    private IReadOnlyList<SecurityKey>? Usable() => _last is { } last && time.GetElapsedTime(last.At) < BelieveFor ? last.Keys : null;

    private async Task<Look?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var address = options.KeysAddress ?? await DiscoverAsync(cancellationToken);
            // A symmetric key has no place in what is public: who reads it could sign.
            var keys = new JsonWebKeySet(await GetAsync(address, cancellationToken)).Keys
                .Where(k => Asymmetric.Contains(k.Kty) && k.Use is null or "" or "sig").ToList<SecurityKey>();
            return keys.Count > 0 ? new Look(time.GetTimestamp(), keys) : throw new FormatException("there is no key for signatures in its key set");
        }
        catch (Exception e) when (
            (e is HttpRequestException or IOException or UnauthorizedAccessException or JsonException or FormatException or ArgumentException)
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Log.NoKeys(logger, name, e.Message);
            return null;
        }
    }

    private async Task<Uri> DiscoverAsync(CancellationToken cancellationToken)
    {
        var said = await GetAsync(new Uri(options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"), cancellationToken);
        return JsonSerializer.Deserialize(said, DiscoveryJson.Default.Discovery) is not { } discovery || discovery.Issuer != options.Issuer
                ? throw new FormatException("its discovery document is of another issuer")
            : Uri.TryCreate(discovery.JwksUri, UriKind.Absolute, out var address) && IssuerAddress.IsSafe(address) ? address
            : throw new FormatException("its discovery document has no https address of its keys");
    }

    private async Task<string> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (options.TokenFile is { } file)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SmallFile.ReadText(file).Trim());
        }

        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadUtf8Async(cancellationToken);
    }

    private sealed record Look(long At, IReadOnlyList<SecurityKey> Keys);

    private static partial class Log
    {
        [LoggerMessage(4065, LogLevel.Warning, "The keys of the issuer {Issuer} cannot be read now: {Problem}")]
        public static partial void NoKeys(ILogger logger, string issuer, string problem);
    }
}

internal sealed record Discovery(string? Issuer, [property: JsonPropertyName("jwks_uri")] string? JwksUri);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Discovery))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;

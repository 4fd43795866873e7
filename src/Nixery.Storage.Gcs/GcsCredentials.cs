using System.Security.Cryptography;
using System.Text.Json;
using Google;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>
/// As whom the bucket is asked, and who signs. The kinds of credentials are Google's own library's: a key file, the metadata server of a
/// machine, workload identity; one without a key signs by IAM. https://cloud.google.com/docs/authentication/application-default-credentials
/// </summary>
public sealed class GcsCredentials
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";
    private const string SigningScope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly GcsOptions _options;
    private readonly Func<CancellationToken, Task<GoogleCredential>> _load;
    private volatile GoogleCredential? _loaded;

    internal GcsCredentials(GcsOptions options)
        : this(options, token => LoadAsync(options, token))
    {
    }

    internal GcsCredentials(GcsOptions options, Func<CancellationToken, Task<GoogleCredential>> load)
    {
        _options = options;
        _load = load;
    }

    /// <summary>A token must not cross a network in plain text, so what is asked by http is an emulator beside us, or told its key on purpose.</summary>
    private bool IsAnonymous => _options.CredentialsFile is null && _options.Endpoint.Scheme == Uri.UriSchemeHttp;

    /// <summary>Has them read anew when they are needed next: the key in the file was replaced.</summary>
    public void Forget() => _loaded = null;

    /// <summary>Null when it is asked without.</summary>
    internal async Task<string?> FindTokenAsync(CancellationToken cancellationToken) => IsAnonymous ? null : await TellAsync(
        async () => await ((ITokenAccess)await GetAsync(cancellationToken)).GetAccessTokenForRequestAsync(cancellationToken: cancellationToken));

    /// <summary>The service account in whose name is signed; null when there is none.</summary>
    internal async Task<string?> FindSignerAsync(CancellationToken cancellationToken) => IsAnonymous ? null : await TellAsync(
        async () => (await GetAsync(cancellationToken)).UnderlyingCredential switch
        {
            _ when _options.SigningAccount is { } account => account,
            ServiceAccountCredential key => key.Id,
            ImpersonatedCredential impersonated => impersonated.TargetPrincipal,
            ComputeCredential machine => await machine.GetDefaultServiceAccountEmailAsync(cancellationToken),
            _ => null,
        });

    internal Task<byte[]> SignAsync(byte[] content, CancellationToken cancellationToken) => TellAsync(async () =>
    {
        var credential = await GetAsync(cancellationToken);
        if (_options.SigningAccount is { } account)
        {
            credential = credential.Impersonate(new ImpersonatedCredential.Initializer(account) { Scopes = [Scope] });
        }

        return Convert.FromBase64String(await credential.SignBlobAsync(content, cancellationToken));
    });

    private static async Task<GoogleCredential> LoadAsync(GcsOptions options, CancellationToken cancellationToken)
    {
        if (options.CredentialsFile is not { } path)
        {
            return await GoogleCredential.GetApplicationDefaultAsync(cancellationToken);
        }

        await using var file = File.OpenRead(path);
        using var json = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        var type = json.RootElement.TryGetProperty("type", out var said) ? said.GetString() ?? "" : "";
        return await CredentialFactory.FromFileAsync(path, type, cancellationToken);
    }

    /// <summary>Two that come at once load it twice, and the same.</summary>
    private async Task<GoogleCredential> GetAsync(CancellationToken cancellationToken)
    {
        if (_loaded is { } known)
        {
            return known;
        }

        var loaded = await _load(cancellationToken);
        return _loaded = loaded.IsCreateScopedRequired ? loaded.CreateScoped(Scope, SigningScope) : loaded;
    }

    /// <summary>The library's faults, without what it was told: an answer to a request for tokens is nobody's to read.</summary>
    private static async Task<T> TellAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (TokenResponseException e) when ((int?)e.StatusCode is >= 500 or 408 or 429)
        {
            throw new BucketUnavailableException($"Google's credentials cannot be had now: {(int?)e.StatusCode}");
        }
        catch (TokenResponseException e)
        {
            throw new BucketRefusedException($"no token for Google Cloud Storage: {e.Error?.Error ?? "the answer is no token"}");
        }
        catch (GoogleApiException e) when ((int)e.HttpStatusCode is >= 500 or 408 or 429)
        {
            throw new BucketUnavailableException($"Google's IAM cannot sign now: {(int)e.HttpStatusCode}");
        }
        catch (GoogleApiException e)
        {
            throw new BucketRefusedException($"Google's IAM does not sign for this account: {(int)e.HttpStatusCode}; docs/storage.md says which role it takes");
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException or ArgumentException or UnauthorizedAccessException
            or NotSupportedException or CryptographicException or FormatException or SubjectTokenException)
        {
            throw new BucketRefusedException($"no credentials for Google Cloud Storage, or none that can be read ({e.GetType().Name}); docs/storage.md says where they are looked for");
        }
        catch (HttpRequestException e)
        {
            throw new BucketUnavailableException($"Google's credentials cannot be asked for: {e.StatusCode?.ToString() ?? e.HttpRequestError.ToString()}");
        }
    }
}

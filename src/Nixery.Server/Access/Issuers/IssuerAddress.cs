using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Nixery.Server.Configuring;

namespace Nixery.Server.Access.Issuers;

/// <summary>How an issuer is spoken to.</summary>
internal static class IssuerAddress
{
    private const int LargestAnswerBytes = 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Whoever could change the keys on their way could be anybody. On this machine there is no way.</summary>
    public static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    public static HttpClient CreateClient(IssuerOptions options)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (options.CaFile is { } file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(SmallFile.ReadText(file));
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = LargestAnswerBytes };
    }
}

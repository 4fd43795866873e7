using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>The SDK's clients as this registry needs them.</summary>
internal static class S3Clients
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>So that a store that moves is found at its new address.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <param name="endpoint">Takes the place of that of the options.</param>
    /// <param name="keys">As whom it asks.</param>
    public static AmazonS3Client Create(S3Options options, Uri? endpoint, S3KeyPair keys)
    {
        var config = new AmazonS3Config
        {
            // Others than Amazon do not know the checksums behind the body that are the SDK's default: 400, or a damaged object.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            // One attempt more, which is what setting its clock by the store's takes. The patience is ours: BucketRetry.
            MaxErrorRetry = 1,
            RetryMode = RequestRetryMode.Standard,
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new ClientFactory(options.CaFile),
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,
            DisableLogging = true,
        };
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return (keys.Credentials ?? (options.Profile is { } profile ? OfProfile(profile) : null)) is { } credentials
            ? new AmazonS3Client(credentials, config)
            : new AmazonS3Client(config);
    }

    /// <summary>Not by the configuration of the client, of which the environment's keys would win.</summary>
    private static AWSCredentials OfProfile(string profile) => new CredentialProfileStoreChain(AWSConfigs.AWSProfilesLocation).TryGetAWSCredentials(profile, out var credentials)
        ? credentials
        : throw new BucketRefusedException($"the shared credentials file has no profile '{profile}', or none with credentials");

    private sealed class ClientFactory(string? caFile) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig)
        {
            var handler = new SocketsHttpHandler
            {
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = ConnectionLifetime,
                // The SDK signs anew for where it is sent to.
                AllowAutoRedirect = false,
                UseCookies = false,
            };
            if (caFile is not null)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(caFile);
                handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
            }

            return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        }
    }
}

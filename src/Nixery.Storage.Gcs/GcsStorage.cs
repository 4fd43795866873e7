using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

public static class GcsStorage
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>So that a store that moves is found at its new address.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Keeps blobs and records in a bucket; any number of servers may share it.</summary>
    public static IServiceCollection AddGcsStorage(this IServiceCollection services, GcsOptions options, BucketOptions common)
    {
        services.AddSingleton(_ => new BucketSpool(common));
        services.AddSingleton(s => new BucketRetry(common, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<BucketRetry>>()));
        services.AddSingleton(new GcsCredentials(options));
        services.AddSingleton(s => new GcsSigner(options, common, s.GetRequiredService<GcsCredentials>(), s.GetRequiredService<BucketRetry>()));
        services.AddSingleton(s => CreateBucket(options, s.GetRequiredService<GcsCredentials>(), s.GetRequiredService<GcsSigner>(), s.GetRequiredService<BucketRetry>()));
        services.AddSingleton(s => BucketStorage.Create(
            s.GetRequiredService<GcsBucket>(),
            s.GetRequiredService<BucketSpool>(),
            s.GetRequiredService<BucketRetry>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
        return services;
    }

    internal static GcsBucket CreateBucket(GcsOptions options, GcsCredentials credentials, GcsSigner signer, BucketRetry retry)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            // 308 means something else there.
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        {
            // Each call has its own limit.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var calls = new GcsCalls(http, credentials, options.Bucket, retry);
        return new GcsBucket(options, calls, new GcsUploads(options, calls), signer);
    }
}

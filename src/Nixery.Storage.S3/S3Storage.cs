using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

public static class S3Storage
{
    /// <summary>Keeps blobs and records in a bucket; any number of servers may share it.</summary>
    public static IServiceCollection AddS3Storage(this IServiceCollection services, S3Options options, BucketOptions common)
    {
        services.AddSingleton(_ => new BucketSpool(common));
        services.AddSingleton(s => new BucketRetry(common, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<BucketRetry>>()));
        services.AddSingleton(new S3KeyPair(options));
        services.AddSingleton(s => CreateBucket(options, common, s.GetRequiredService<S3KeyPair>(), s.GetRequiredService<BucketRetry>()));
        services.AddSingleton(s => BucketStorage.Create(
            s.GetRequiredService<S3Bucket>(),
            s.GetRequiredService<BucketSpool>(),
            s.GetRequiredService<BucketRetry>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
        return services;
    }

    internal static S3Bucket CreateBucket(S3Options options, BucketOptions common, S3KeyPair keys, BucketRetry retry)
    {
        var client = S3Clients.Create(options, options.Endpoint, keys);
        var signing = common.PublicEndpoint is { } endpoint ? S3Clients.Create(options, endpoint, keys) : client;
        return new S3Bucket(client, signing, options, retry);
    }
}

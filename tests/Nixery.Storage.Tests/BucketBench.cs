using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

/// <summary>What the bucket of a test needs besides the bucket.</summary>
internal sealed class BucketBench : IAsyncDisposable
{
    private readonly string _spool = Directory.CreateTempSubdirectory("nixery-spool-").FullName;

    public BucketBench()
        : this(TimeSpan.FromSeconds(20))
    {
    }

    /// <param name="patience">How long what fails is tried again.</param>
    public BucketBench(TimeSpan patience)
        : this(patience, publicEndpoint: null)
    {
    }

    public BucketBench(TimeSpan patience, Uri? publicEndpoint)
    {
        Options = new BucketOptions(_spool, patience, RequestTimeout: TimeSpan.FromSeconds(5), UrlLifetime: TimeSpan.FromMinutes(5), publicEndpoint);
        Spool = new BucketSpool(Options);
        Retry = new BucketRetry(Options, TimeProvider.System, NullLogger<BucketRetry>.Instance);
    }

    public BucketOptions Options { get; }

    public BucketSpool Spool { get; }

    public BucketRetry Retry { get; }

    public int CountSpooled() => Directory.EnumerateFiles(_spool, "*", SearchOption.AllDirectories).Count(f => !f.EndsWith(".lock", StringComparison.Ordinal));

    public BucketBlobStore<T> BlobsIn<T>(T bucket)
        where T : IBucket, IBucketUpkeep, IBucketSigner => new(bucket, Spool, Retry);

    public BucketRecordStore<T> RecordsIn<T>(T bucket)
        where T : IBucket, IBucketUpkeep => new(bucket, Retry);

    public ValueTask DisposeAsync()
    {
        Spool.Dispose();
        Directory.Delete(_spool, recursive: true);
        return ValueTask.CompletedTask;
    }
}

using Microsoft.Extensions.Logging;

namespace Nixery.Storage.Buckets;

public static class BucketStorage
{
    /// <summary>All that is kept in a bucket, whichever cloud's it is.</summary>
    public static Warehouse Create<TBucket>(TBucket bucket, BucketSpool spool, BucketRetry retry, TimeProvider time, ILoggerFactory loggers)
        where TBucket : IBucket, IBucketUpkeep, IBucketSigner
    {
        var records = new BucketRecordStore<TBucket>(bucket, retry);
        var leases = new BucketLeases<BucketRecordStore<TBucket>>(records, time, loggers.CreateLogger<BucketLeases<BucketRecordStore<TBucket>>>());
        return new Warehouse(new BucketBlobStore<TBucket>(bucket, spool, retry), records, leases);
    }
}

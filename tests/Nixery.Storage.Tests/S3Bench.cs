using Nixery.Doubles;
using Nixery.Storage.Buckets;
using Nixery.Storage.S3;

namespace Nixery.Storage.Tests;

/// <summary>A strict double of an S3 server, and the stores on it.</summary>
internal sealed class S3Bench : IAsyncDisposable
{
    private readonly S3Options _options;

    private S3Bench(S3Double server, BucketBench common, S3Options options)
    {
        Server = server;
        Common = common;
        _options = options;
        Bucket = S3Storage.CreateBucket(options, common.Options, new S3KeyPair(options), common.Retry);
    }

    public S3Double Server { get; }

    public BucketBench Common { get; }

    public S3Bucket Bucket { get; }

    public IBlobStore Blobs => Common.BlobsIn(Bucket);

    public BucketRecordStore<S3Bucket> Records => Common.RecordsIn(Bucket);

    public static Task<S3Bench> StartAsync() => StartAsync(new BucketBench(), options => options);

    public static async Task<S3Bench> StartAsync(BucketBench common, Func<S3Options, S3Options> change)
    {
        var server = await S3Double.StartAsync();
        var options = change(new S3Options
        {
            Bucket = S3Double.Bucket,
            Prefix = "some prefix/",
            Endpoint = server.Address,
            Region = S3Double.Region,
            AccessKey = S3Double.AccessKey,
            SecretKey = S3Double.SecretKey,
        });
        return new S3Bench(server, common, options);
    }

    /// <summary>Begins an upload, as a process does that ends then.</summary>
    public async Task LeaveUploadAsync(string name)
    {
        using var client = S3Clients.Create(_options, _options.Endpoint, new S3KeyPair(_options));
        await client.InitiateMultipartUploadAsync(_options.Bucket, _options.Prefix + name);
    }

    public async ValueTask DisposeAsync()
    {
        Bucket.Dispose();
        await Server.DisposeAsync();
        await Common.DisposeAsync();
        Server.Unknown.Should().BeEmpty("the double knows what the API has");
        Server.Shelf.NamedWrongly("blobs/sha256/").Should().BeEmpty("a blob is named by its content");
    }
}

using Nixery.Storage.S3;

namespace Nixery.Storage.Tests;

public sealed class CephBlobStoreTests : BucketBlobStoreContract, IAsyncLifetime
{
    private CephBench _bench = null!;

    private protected override IBlobStore Store => _bench.Common.BlobsIn(_bench.Bucket);

    private protected override BucketBench Common => _bench.Common;

    public async Task InitializeAsync() => _bench = await CephBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    // Those that are left are counted when the test has ended.
    private protected override int CountUploads() => 0;
}

public sealed class CephRecordStoreTests : ExclusiveRecordsContract, IAsyncLifetime
{
    private CephBench _bench = null!;

    private protected override IRecordStore Store => _bench.Common.RecordsIn(_bench.Bucket);

    public async Task InitializeAsync() => _bench = await CephBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();
}

public sealed class CephRedirectTests : RedirectContract, IAsyncLifetime
{
    private CephBench _bench = null!;

    private protected override IBlobStore Store => _bench.Common.BlobsIn(_bench.Bucket);

    public async Task InitializeAsync() => _bench = await CephBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();
}

/// <summary>A server that others wrote, which scripts/test starts (tests/servers/ceph-rgw). Each test has its own prefix.</summary>
internal sealed class CephBench : IAsyncDisposable
{
    private const string Address = "NIXERY_TEST_S3";
    private readonly Amazon.S3.AmazonS3Client _client;
    private readonly S3Options _options;

    private CephBench(S3Options options, Amazon.S3.AmazonS3Client client)
    {
        (_options, _client) = (options, client);
        Bucket = S3Storage.CreateBucket(options, Common.Options, new S3KeyPair(options), Common.Retry);
    }

    public BucketBench Common { get; } = new();

    public S3Bucket Bucket { get; }

    public static async Task<CephBench> CreateAsync()
    {
        var options = new S3Options
        {
            Bucket = "nixery-test",
            Prefix = $"{Guid.NewGuid():N}/",
            Endpoint = new Uri(Environment.GetEnvironmentVariable(Address)
                ?? throw new InvalidOperationException($"{Address} names no server; scripts/test starts one with tests/servers/ceph-rgw and sets it")),
            AccessKey = "NIXERYTEST",
            SecretKey = "nixery-test-secret",
        };
        var client = S3Clients.Create(options, options.Endpoint, new S3KeyPair(options));
        await client.PutBucketAsync(options.Bucket);
        return new CephBench(options, client);
    }

    public async ValueTask DisposeAsync()
    {
        var uploads = (await _client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = _options.Bucket, Prefix = _options.Prefix })).MultipartUploads?.Count ?? 0;
        Bucket.Dispose();
        _client.Dispose();
        await Common.DisposeAsync();
        uploads.Should().Be(0, "an upload is completed or aborted");
    }
}

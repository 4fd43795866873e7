using Nixery.Doubles;
using Nixery.Storage.Buckets;
using Nixery.Storage.Gcs;

namespace Nixery.Storage.Tests;

/// <summary>A strict double of Google Cloud Storage, and the stores on it.</summary>
internal sealed class GcsBench : IAsyncDisposable
{
    private readonly string _keyFile;
    private readonly GcsSigner _signer;

    private GcsBench(GcsDouble server, BucketBench common, string keyFile, Func<GcsOptions, GcsCredentials> credentials, Func<GcsOptions, GcsOptions> change)
    {
        Server = server;
        Common = common;
        _keyFile = keyFile;
        var options = change(new GcsOptions { Bucket = GcsDouble.Bucket, Prefix = "some prefix/", Endpoint = server.Address, CredentialsFile = keyFile });
        var made = credentials(options);
        _signer = new GcsSigner(options, common.Options, made, common.Retry);
        Bucket = GcsStorage.CreateBucket(options, made, _signer, common.Retry);
    }

    public GcsDouble Server { get; }

    public BucketBench Common { get; }

    public GcsBucket Bucket { get; }

    public BucketBlobStore<GcsBucket> Blobs => Common.BlobsIn(Bucket);

    public BucketRecordStore<GcsBucket> Records => Common.RecordsIn(Bucket);

    public static Task<GcsBench> StartAsync() => StartAsync(new BucketBench(), (_, options) => new GcsCredentials(options));

    public static Task<GcsBench> StartAsync(BucketBench common, Func<GcsDouble, GcsOptions, GcsCredentials> credentials) =>
        StartAsync(common, credentials, options => options);

    public static async Task<GcsBench> StartAsync(
        BucketBench common, Func<GcsDouble, GcsOptions, GcsCredentials> credentials, Func<GcsOptions, GcsOptions> change)
    {
        var server = await GcsDouble.StartAsync();
        var keyFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(keyFile, server.Account.KeyFile(server.Address));
        return new GcsBench(server, common, keyFile, options => credentials(server, options), change);
    }

    public async ValueTask DisposeAsync()
    {
        _signer.Dispose();
        await Server.DisposeAsync();
        await Common.DisposeAsync();
        File.Delete(_keyFile);
        Server.Unknown.Should().BeEmpty("the double knows what the API has");
        Server.Shelf.NamedWrongly("blobs/sha256/").Should().BeEmpty("a blob is named by its content");
    }
}

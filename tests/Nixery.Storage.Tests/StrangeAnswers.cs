using Nixery.Doubles;

namespace Nixery.Storage.Tests;

/// <summary>Both kinds of bucket, whose servers answer in good order what is none of the answers that there are.</summary>
public abstract class StrangeAnswers : IAsyncLifetime
{
    protected const int TimeoutMilliseconds = 60_000;

    private protected GcsBench Gcs { get; private set; } = null!;

    private protected S3Bench S3 { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Gcs = await GcsBench.StartAsync(new BucketBench(TimeSpan.FromMilliseconds(300)), (_, options) => new Storage.Gcs.GcsCredentials(options));
        S3 = await S3Bench.StartAsync(new BucketBench(TimeSpan.FromMilliseconds(300)), options => options);
    }

    public async Task DisposeAsync()
    {
        await Gcs.DisposeAsync();
        await S3.DisposeAsync();
    }

    private protected IEnumerable<(IBlobStore Blobs, Misbehaviour Server)> Stores() => [(Gcs.Blobs, Gcs.Server.Misbehaviour), (S3.Blobs, S3.Server.Misbehaviour)];

    private protected static async Task<StoredBlob> WriteAsync(IBlobStore blobs, byte[] content)
    {
        await using var writer = await blobs.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(content);
        return await writer.CommitAsync(CancellationToken.None);
    }
}

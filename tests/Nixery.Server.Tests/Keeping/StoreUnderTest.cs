using Nixery.Doubles;

namespace Nixery.Server.Tests.Keeping;

/// <summary>A storage of one of the three kinds that servers can be put over, and how much is in it.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly Func<IEnumerable<(string Name, long SizeBytes)>> _list;
    private readonly Func<ValueTask> _end;

    private StoreUnderTest(Dictionary<string, string?> settings, Func<IEnumerable<(string Name, long SizeBytes)>> list, Func<ValueTask> end)
    {
        Settings = settings;
        _list = list;
        _end = end;
    }

    public IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>All that is in sight, blobs and records.</summary>
    public long UsedBytes => _list().Sum(f => f.SizeBytes);

    public IEnumerable<string> Names => _list().Select(f => f.Name);

    public static Task<StoreUnderTest> StartAsync(string kind) => kind switch
    {
        "files" => Task.FromResult(InFolder()),
        "s3" => InS3Async(),
        "gcs" => InGcsAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };

    public ValueTask DisposeAsync() => _end();

    private static StoreUnderTest InFolder()
    {
        var folder = Directory.CreateTempSubdirectory("nixery-keeping-");
        return new StoreUnderTest(
            new() { ["Nixery:Storage:Path"] = folder.FullName },
            () => FilesIn(Path.Combine(folder.FullName, "blobs")).Concat(FilesIn(Path.Combine(folder.FullName, "records"))),
            () =>
            {
                folder.Delete(recursive: true);
                return ValueTask.CompletedTask;
            });
    }

    private static async Task<StoreUnderTest> InS3Async()
    {
        var bucket = await S3Double.StartAsync();
        return new StoreUnderTest(
            new()
            {
                ["Nixery:Storage:Kind"] = "s3",
                ["Nixery:Storage:Redirect"] = "off",
                ["Nixery:Storage:S3:Bucket"] = S3Double.Bucket,
                ["Nixery:Storage:S3:Endpoint"] = bucket.Address.AbsoluteUri,
                ["Nixery:Storage:S3:Region"] = S3Double.Region,
                ["Nixery:Storage:S3:AccessKey"] = S3Double.AccessKey,
                ["Nixery:Storage:S3:SecretKey"] = S3Double.SecretKey,
            },
            () => Objects(bucket.Shelf),
            async () =>
            {
                await bucket.DisposeAsync();
                bucket.Unknown.Should().BeEmpty();
            });
    }

    private static async Task<StoreUnderTest> InGcsAsync()
    {
        var bucket = await GcsDouble.StartAsync();
        var keyFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(keyFile, bucket.Account.KeyFile(bucket.Address));
        return new StoreUnderTest(
            new()
            {
                ["Nixery:Storage:Kind"] = "gcs",
                ["Nixery:Storage:Redirect"] = "off",
                ["Nixery:Storage:Gcs:Bucket"] = GcsDouble.Bucket,
                ["Nixery:Storage:Gcs:Endpoint"] = bucket.Address.AbsoluteUri,
                ["Nixery:Storage:Gcs:CredentialsFile"] = keyFile,
            },
            () => Objects(bucket.Shelf),
            async () =>
            {
                await bucket.DisposeAsync();
                File.Delete(keyFile);
                bucket.Unknown.Should().BeEmpty();
            });
    }

    private static IEnumerable<(string Name, long SizeBytes)> Objects(Shelf shelf) => [.. shelf.Objects.Select(o => (o.Key, o.Value.SizeBytes))];

    /// <summary>Files come and go while they are counted.</summary>
    private static IEnumerable<(string Name, long SizeBytes)> FilesIn(string folder) => new DirectoryInfo(folder) is { Exists: true } there
        ? there.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Exists).Select(f => (f.Name, f.Length))
        : [];
}

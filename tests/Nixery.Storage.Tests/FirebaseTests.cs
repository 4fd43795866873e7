using System.Security.Cryptography;
using Nixery.Doubles;
using Nixery.Oci;
using Nixery.Storage.Buckets;
using Nixery.Storage.Gcs;

namespace Nixery.Storage.Tests;

// It knows no preconditions, so nobody is the first there, and no uploads in chunks: GcsStoreTests have these, on the double.
public sealed class FirebaseBlobStoreTests : BlobStoreContract, IAsyncLifetime
{
    private FirebaseBench _bench = null!;

    private protected override IBlobStore Store => _bench.Common.BlobsIn(_bench.Bucket);

    public async Task InitializeAsync() => _bench = await FirebaseBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private protected override int CountLeftovers() => _bench.Common.CountSpooled();

    [Fact(Timeout = 60_000)]
    public async Task A_large_blob_of_which_it_takes_the_first_chunk_for_all_is_refused_and_is_not_there()
    {
        var content = RandomNumberGenerator.GetBytes(20_000_000);

        await FluentActions.Awaiting(() => WriteAsync(content)).Should().ThrowAsync<BucketRefusedException>();

        (await Store.FindSizeAsync(Digest.Of(content), CancellationToken.None)).Should().BeNull();
        CountLeftovers().Should().Be(0);
    }
}

public sealed class FirebaseRecordStoreTests : RecordStoreContract, IAsyncLifetime
{
    private FirebaseBench _bench = null!;

    private protected override IRecordStore Store => _bench.Common.RecordsIn(_bench.Bucket);

    public async Task InitializeAsync() => _bench = await FirebaseBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task Where_there_are_no_preconditions_each_is_the_first()
    {
        var store = (IExclusiveRecords)Store;

        (await store.TryCreateAsync(Key, "1"u8.ToArray(), CancellationToken.None)).Should().BeTrue();
        (await store.TryCreateAsync(Key, "2"u8.ToArray(), CancellationToken.None)).Should().BeTrue();

        (await Store.FindAsync(Key, CancellationToken.None))!.Value.ToArray().Should().Equal("2"u8.ToArray());
    }
}

// It looks at no signature; the double does.
public sealed class FirebaseRedirectTests : RedirectContract, IAsyncLifetime
{
    private FirebaseBench _bench = null!;

    private protected override IBlobStore Store => _bench.Common.BlobsIn(_bench.Bucket);

    public async Task InitializeAsync() => _bench = await FirebaseBench.CreateAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();
}

/// <summary>A server that others wrote, which scripts/test starts (tests/servers/firebase-storage). Each test has its own prefix.</summary>
internal sealed class FirebaseBench : IAsyncDisposable
{
    private const string Address = "NIXERY_TEST_GCS";
    private readonly GcsSigner _signer;
    private readonly string _keyFile;

    private FirebaseBench(GcsOptions options, string keyFile)
    {
        _keyFile = keyFile;
        // It gives out no tokens, so the calls are made without; the key signs by itself.
        _signer = new GcsSigner(options, Common.Options, new GcsCredentials(options with { CredentialsFile = keyFile }), Common.Retry);
        Bucket = GcsStorage.CreateBucket(options, new GcsCredentials(options), _signer, Common.Retry);
    }

    public BucketBench Common { get; } = new();

    public GcsBucket Bucket { get; }

    public static async Task<FirebaseBench> CreateAsync()
    {
        var options = new GcsOptions
        {
            Bucket = "nixery-test",
            Prefix = $"{Guid.NewGuid():N}/",
            Endpoint = new Uri(Environment.GetEnvironmentVariable(Address)
                ?? throw new InvalidOperationException($"{Address} names no server; scripts/test starts one with tests/servers/firebase-storage and sets it")),
        };
        using var account = new GoogleAccount();
        var keyFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(keyFile, account.KeyFile(options.Endpoint));
        return new FirebaseBench(options, keyFile);
    }

    public async ValueTask DisposeAsync()
    {
        _signer.Dispose();
        await Common.DisposeAsync();
        File.Delete(_keyFile);
    }
}

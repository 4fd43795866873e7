namespace Nixery.Storage.Tests;

public sealed class GcsBlobStoreTests : BucketBlobStoreContract, IAsyncLifetime
{
    private GcsBench _bench = null!;

    private protected override IBlobStore Store => _bench.Blobs;

    private protected override BucketBench Common => _bench.Common;

    public async Task InitializeAsync() => _bench = await GcsBench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private protected override int CountUploads() => _bench.Server.UnfinishedUploads;
}

public sealed class GcsRecordStoreTests : ExclusiveRecordsContract, IAsyncLifetime
{
    private GcsBench _bench = null!;

    private protected override IRecordStore Store => _bench.Records;

    public async Task InitializeAsync() => _bench = await GcsBench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();
}

using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Storage.Buckets;
using Nixery.Storage.S3;
using Nixery.Tests;

namespace Nixery.Storage.Tests;

/// <summary>What leases of every kind keep.</summary>
public abstract class LeasesContract
{
    private static readonly RecordKey Key = RecordKey.Of("lease", "a");

    /// <summary>Those of one server, and those of another one over the same storage.</summary>
    private protected abstract (ILeases One, ILeases Other) Leases { get; }

    [Fact(Timeout = 60_000)]
    public async Task Of_many_at_once_one_has_it_and_another_after_it_was_given_back()
    {
        var (one, other) = Leases;
        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? one : other).TryTakeAsync(Key, CancellationToken.None)));

        var lease = taken.Should().ContainSingle(l => l != null).Which!;
        (await other.TryTakeAsync(RecordKey.Of("lease", "b"), CancellationToken.None)).Should().NotBeNull("that is another one");
        await lease.DisposeAsync();
        await using var next = await other.TryTakeAsync(Key, CancellationToken.None);
        next.Should().NotBeNull();
        (await one.TryTakeAsync(Key, CancellationToken.None)).Should().BeNull();
    }
}

public sealed class FileLeasesTests : LeasesContract, IDisposable
{
    private readonly ScratchStorage _scratch = new();

    private protected override (ILeases One, ILeases Other) Leases => (new FileLeases(_scratch.Folder), new FileLeases(_scratch.Folder));

    public void Dispose() => _scratch.Dispose();
}

public sealed class BucketLeasesTests : LeasesContract, IAsyncLifetime
{
    private static readonly RecordKey Key = RecordKey.Of("lease", "a");
    private readonly ManualTime _time = new();
    private S3Bench _bench = null!;

    private protected override (ILeases One, ILeases Other) Leases => (Create(), Create());

    public async Task InitializeAsync() => _bench = await S3Bench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_lease_that_nobody_renews_runs_out()
    {
        var dead = RecordOf(_time.GetUtcNow() + TimeSpan.FromSeconds(60));
        await _bench.Records.PutAsync(Key, dead, CancellationToken.None);

        (await Create().TryTakeAsync(Key, CancellationToken.None)).Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(61));
        await using var taken = await Create().TryTakeAsync(Key, CancellationToken.None);
        taken.Should().NotBeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lease_is_renewed_while_its_owner_lives()
    {
        await using var lease = await Create().TryTakeAsync(Key, CancellationToken.None);
        for (var i = 0; i < 8; i++)
        {
            var before = await _bench.Records.FindAsync(Key, CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(20));
            while ((await _bench.Records.FindAsync(Key, CancellationToken.None))!.Value.Span.SequenceEqual(before!.Value.Span))
            {
                // It may have begun to wait for its time only after that had come.
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        (await Create().TryTakeAsync(Key, CancellationToken.None)).Should().BeNull("it was taken longer ago than it lasts");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lease_that_cannot_be_given_back_hurts_nobody()
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(new BucketBench(TimeSpan.Zero), options => options);
        var lease = await Create().TryTakeAsync(Key, CancellationToken.None);
        _bench.Server.Misbehaviour.IsDown = true;

        await lease!.DisposeAsync();

        _bench.Server.Misbehaviour.IsDown = false;
        (await Create().TryTakeAsync(Key, CancellationToken.None)).Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(61));
        await using var next = await Create().TryTakeAsync(Key, CancellationToken.None);
        next.Should().NotBeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lease_whose_answer_was_lost_is_had_all_the_same()
    {
        _bench.Server.Misbehaviour.LoseNextAnswers(1);

        await using var taken = await Create().TryTakeAsync(Key, CancellationToken.None);

        taken.Should().NotBeNull("nobody else has it");
        (await Create().TryTakeAsync(Key, CancellationToken.None)).Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lease_without_a_believable_end_holds_up_nobody()
    {
        await _bench.Records.PutAsync(Key, RecordOf(_time.GetUtcNow() + TimeSpan.FromDays(365)), CancellationToken.None);

        await using var taken = await Create().TryTakeAsync(Key, CancellationToken.None);

        taken.Should().NotBeNull();
    }

    private static byte[] RecordOf(DateTimeOffset until) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new LeaseRecord("dead", until), LeaseJson.Default.LeaseRecord);

    private BucketLeases<BucketRecordStore<S3Bucket>> Create() =>
        new(_bench.Records, _time, NullLogger<BucketLeases<BucketRecordStore<S3Bucket>>>.Instance);
}

using System.Diagnostics.Metrics;
using Nixery.Pulls.Keeping;
using Nixery.Sight;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class EvictionFiguresTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;

    /// <summary>The instruments are the process's; who measures on the way of this test is this test.</summary>
    private readonly AsyncLocal<Dictionary<string, double>?> _measured = new();
    private readonly MeterListener _listener = new();
    private readonly KeptStorage _storage = new();

    public EvictionFiguresTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Figures.MeterName && instrument.Name.StartsWith("nixery.evict", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Note(instrument, value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Note(instrument, value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note(instrument, value));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _storage.Dispose();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_run_tells_what_it_has_let_go_and_when_and_that_there_is_room()
    {
        var old = await _storage.MakeAsync("old", "common", "of old");
        await _storage.UseAsync(old, daysAgo: 31);
        await _storage.UseAsync(await _storage.MakeAsync("used", "common", "of used"), daysAgo: 1);
        var orphan = await _storage.PutAsync("of no image");
        _storage.Time.Skip(TimeSpan.FromHours(2));
        var began = _storage.Now.ToUnixTimeSeconds();

        var measured = await MeasureAsync(KeptStorage.Limit(0) with { MaxAge = TimeSpan.FromDays(30) });

        var gone = old.All().Where(b => b != old.Blobs[1]).DistinctBy(b => b.Digest).ToList();
        measured["nixery.evicted.images"].Should().Be(1);
        measured["nixery.evicted.blobs"].Should().Be(gone.Count + 1);
        measured["nixery.evicted"].Should().Be(gone.Sum(b => b.SizeBytes) + orphan.SizeBytes);
        measured["nixery.eviction.found.room"].Should().Be(1);
        measured["nixery.eviction.last.timestamp"].Should().BeInRange(began, _storage.Now.ToUnixTimeSeconds() + 1);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_run_that_may_let_nothing_go_tells_that_there_is_no_room()
    {
        await _storage.MakeAsync("kept", "of kept");

        var measured = await MeasureAsync(KeptStorage.Limit(10, "kept"));

        measured["nixery.evicted.images"].Should().Be(0);
        measured["nixery.eviction.found.room"].Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_run_that_another_server_has_begun_is_that_servers_to_tell()
    {
        await using var other = await _storage.Warehouse.Leases.TryTakeAsync(RecordKey.Of("lease", "eviction"), CancellationToken.None);

        (await MeasureAsync(KeptStorage.Limit(10))).Should().BeEmpty();
    }

    private async Task<Dictionary<string, double>> MeasureAsync(KeepingOptions options)
    {
        var measured = _measured.Value = [];
        await _storage.Keeper(options).RunAsync(0, CancellationToken.None);
        return measured;
    }

    private void Note(Instrument instrument, double value)
    {
        if (_measured.Value is { } measured)
        {
            measured[instrument.Name] = value;
        }
    }
}

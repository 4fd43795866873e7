using System.Diagnostics.Metrics;
using Nixery.Building;
using Nixery.Server.Versions;
using Nixery.Sources;

namespace Nixery.Server.Sight;

/// <summary>What is as it is when somebody asks: queues, disks, pins, readiness and the process. Nothing here waits for anything.</summary>
internal sealed class Gauges
{
    public const string MeterName = "Nixery.Server";

    private readonly Queues _queues;
    private readonly Headroom _headroom;
    private readonly ISourceStatus _sources;
    private readonly Readiness _readiness;

    public Gauges(IMeterFactory meters, Queues queues, Headroom headroom, ISourceStatus sources, Readiness readiness)
    {
        (_queues, _headroom, _sources, _readiness) = (queues, headroom, sources, readiness);
        // Belongs to the host, and ends with it.
        var meter = meters.Create(MeterName);
        AddBuild(meter);
        AddQueues(meter);
        AddSpaces(meter);
        AddPins(meter);
        meter.CreateObservableGauge("nixery.ready", () => _readiness.States.Select(s => Of(s.Answer.State == ReadyState.Ok ? 1 : 0, "check", s.Name)), null, "Whether what the server needs is as it should be, by /readyz");
        ProcessGauges.Add(meter);
    }

    public static void AddSizes(IMeterFactory meters, StorageSize storage, INixStoreSize store)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("nixery.storage.blobs", () => Maybe(storage.Last?.Blobs), "{blob}", "Blobs in the storage, where that is a folder, as of the last quarter of an hour");
        meter.CreateObservableGauge("nixery.storage.size", () => Maybe(storage.Last?.Bytes), "By", "Bytes of the blobs in the storage, where that is a folder, as of the last quarter of an hour");
        meter.CreateObservableGauge("nixery.nix.store.size", () => Maybe(store.StoreBytes), "By", "Bytes that Nix has registered in its store, where a limit is set");
    }

    private static void AddBuild(Meter meter)
    {
        KeyValuePair<string, object?>[] labels =
        [
            new("revision", Revision.Current.Text), new("commit", Revision.Current.Commit ?? Revision.Unknown), new("runtime", Environment.Version.ToString()),
        ];
        meter.CreateObservableGauge("nixery.build.info", () => new Measurement<int>(1, labels), null, "Which revision of Nixery this is");
    }

    private void AddQueues(Meter meter)
    {
        Add("nixery.queue.running", q => q.Running, "Who is at work in a queue: Nix, or the packing of images");
        Add("nixery.queue.limit", q => q.MostRunning, "How many may be at work in a queue");
        Add("nixery.queue.waiting", q => q.Waiting, "Who waits in a queue");
        Add("nixery.queue.waiting.limit", q => q.MostWaiting, "How many may wait in a queue; who comes after them is answered 429");

        void Add(string name, Func<QueueStatus, int> read, string description) =>
            meter.CreateObservableGauge(name, () => _queues.Read().Select(q => Of(read(q), "queue", q.Name)), null, description);
    }

    private void AddSpaces(Meter meter)
    {
        Add("nixery.space.free", s => s.FreeBytes, "Free bytes of the disks of storage and Nix store, and of the memory");
        Add("nixery.space.total", s => s.TotalBytes, "Bytes of the disks of storage and Nix store, and of the memory");
        Add("nixery.space.least", s => s.LeastBytes, "Free bytes below which nothing is built");

        void Add(string name, Func<Space, long> read, string description) =>
            meter.CreateObservableGauge(name, () => _headroom.Read().Select(s => Of(read(s), "place", s.Name)), "By", description);
    }

    /// <summary>By package set, of which there are as many as are configured; tags are what clients ask for, and have no end.</summary>
    private void AddPins(Meter meter)
    {
        Add("nixery.pins", null, s => s.Pins.Count, "Tags whose meaning is remembered");
        Add("nixery.pins.failing", null, s => s.Pins.Count(p => p.Failure is not null), "Tags that could not be looked up last");
        Add("nixery.pin.age", "s", s => s.Pins.Where(p => p.Tag == Images.Tag.Latest.Text).Select(p => p.Age?.TotalSeconds).FirstOrDefault() ?? double.NaN, "How long ago the source has said what latest means");

        void Add(string name, string? unit, Func<SetStatus, double> read, string description) => meter.CreateObservableGauge(
            name,
            () => _sources.Read().Select(s => (s.Name, Value: read(s))).Where(s => !double.IsNaN(s.Value)).Select(s => Of(s.Value, "set", s.Name ?? "default")),
            unit,
            description);
    }

    private static Measurement<T> Of<T>(T value, string label, string name)
        where T : struct => new(value, new KeyValuePair<string, object?>(label, name));

    private static IEnumerable<Measurement<long>> Maybe(long? value) => value is { } known ? [new(known)] : [];
}

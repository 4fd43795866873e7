using System.Diagnostics.Metrics;

namespace Nixery.Sight;

/// <summary>
/// What is counted on the way of a pull. Its labels have a few values that are all written here or in an enumeration: never the name of a
/// package, an image or a tag, of which there is no end. docs/operations.md has the list, and a test holds it.
/// </summary>
public static class Figures
{
    /// <summary>By which a listener finds them.</summary>
    public const string MeterName = "Nixery";

    private static readonly Meter Meter = new(MeterName);

    private static readonly InstrumentAdvice<double> OfPulls = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    };

    private static readonly InstrumentAdvice<double> OfStages = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    };

    private static readonly Counter<long> Pulls = Meter.CreateCounter<long>(
        "nixery.pulls", "{pull}", "Pulls by tag, by how they ended and where the image was had from");

    private static readonly Histogram<double> PullDuration = Meter.CreateHistogram(
        "nixery.pull.duration", "s", "How long a pull by tag took until its manifest was known", advice: OfPulls);

    private static readonly Histogram<double> StageDuration = Meter.CreateHistogram(
        "nixery.stage.duration", "s", "How long a step of a build took, without the waiting for its turn; a pack is of one layer", advice: OfStages);

    private static readonly Counter<long> Layers = Meter.CreateCounter<long>(
        "nixery.layers", "{layer}", "Layers of store paths that images were put together from");

    private static readonly Counter<long> LayersWritten = Meter.CreateCounter<long>(
        "nixery.layers.written", "{layer}", "Layers of store paths that had to be packed; the others were stored already");

    private static readonly Counter<long> Packed = Meter.CreateCounter<long>(
        "nixery.packed", "By", "Bytes of layers before compression");

    private static readonly Counter<long> Stored = Meter.CreateCounter<long>(
        "nixery.stored", "By", "Bytes of layers as they were stored");

    private static readonly Counter<long> EvictedImages = Meter.CreateCounter<long>(
        "nixery.evicted.images", "{image}", "Images that this server has let go, for room or for their age");

    private static readonly Counter<long> EvictedBlobs = Meter.CreateCounter<long>(
        "nixery.evicted.blobs", "{blob}", "Blobs that this server has let go, of those images and of none");

    private static readonly Counter<long> Evicted = Meter.CreateCounter<long>(
        "nixery.evicted", "By", "Bytes of the blobs that this server has let go");

    private static readonly Gauge<double> LastEviction = Meter.CreateGauge<double>(
        "nixery.eviction.last.timestamp", "s", "When this server has last looked through the storage for what is to go, since the epoch");

    private static readonly Gauge<int> EvictionFoundRoom = Meter.CreateGauge<int>(
        "nixery.eviction.found.room", null, "Whether the storage was within its limits after that");

    internal static void CountPull(string outcome, string level, TimeSpan took)
    {
        var (how, where) = (Label("outcome", outcome), Label("level", level));
        Pulls.Add(1, how, where);
        PullDuration.Record(took.TotalSeconds, how, where);
    }

    internal static void CountStage(string stage, TimeSpan took) => StageDuration.Record(took.TotalSeconds, Label("stage", stage));

    internal static void CountLayers(int layers) => Layers.Add(layers);

    internal static void CountWrittenLayer() => LayersWritten.Add(1);

    internal static void CountPacked(long tarBytes, long storedBytes)
    {
        Packed.Add(tarBytes);
        Stored.Add(storedBytes);
    }

    /// <summary>A run that came to its end, and be it with nothing to do.</summary>
    internal static void CountEviction(DateTimeOffset at, int images, int blobs, long bytes, bool foundRoom)
    {
        EvictedImages.Add(images);
        EvictedBlobs.Add(blobs);
        Evicted.Add(bytes);
        LastEviction.Record(at.ToUnixTimeMilliseconds() / 1000.0);
        EvictionFoundRoom.Record(foundRoom ? 1 : 0);
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}

using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>An image that this registry has built.</summary>
/// <param name="Name">Packages and platform; the same name built again takes the place of what it was.</param>
/// <param name="Outputs">What was installed, whose closures are remembered.</param>
/// <param name="TableId">The table that it was planned with.</param>
internal sealed record ObservedImage(string Name, IReadOnlyList<StorePath> Outputs, string TableId)
{
    public static string NameOf(ImageRequest request) => $"{request.Platform.NixSystem}/{request.CanonicalName}";
}

/// <summary>The images of a package set that were built lately, in the storage: what tables are learned from, and what is shared with whom.</summary>
internal sealed class ObservedImages : IDisposable
{
    private readonly TypedRecords _records;
    private readonly OutputMemory _outputs;
    private readonly LearningSchedule _schedule;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, bool> _enough = new(StringComparer.Ordinal);
    private readonly Channel<(string Set, ObservedImage Image)> _later;

    public ObservedImages(TypedRecords records, OutputMemory outputs, LearningSchedule schedule)
    {
        (_records, _outputs, _schedule) = (records, outputs, schedule);
        // More than are kept need not wait to be written.
        _later = Channel.CreateBounded<(string, ObservedImage)>(new BoundedChannelOptions(schedule.MostImages) { FullMode = BoundedChannelFullMode.DropOldest });
    }

    /// <summary>What <see cref="ObservedWriter"/> is to write.</summary>
    public ChannelReader<(string Set, ObservedImage Image)> Later => _later.Reader;

    /// <param name="set">The name of the package set.</param>
    public async Task<IReadOnlyList<ObservedImage>> ReadAsync(string set, CancellationToken cancellationToken) =>
        (await _records.FindAsync(KeyOf(set), ObservedJson.Default.ObservedRecord, cancellationToken))?.Images ?? [];

    /// <summary>
    /// At once as long as each image counts towards a table, so that all servers over the storage count the same. Later the sample is
    /// hundreds of kilobytes, and one image more or less says little: it is written behind the pulls, many at a time.
    /// </summary>
    public async Task AddAsync(string set, ObservedImage image, CancellationToken cancellationToken)
    {
        if (!_enough.ContainsKey(set) || !_later.Writer.TryWrite((set, image)))
        {
            await WriteAsync(set, [image], cancellationToken);
        }
    }

    /// <summary>From now on: nobody comes any more to write what waits.</summary>
    public void WriteAtOnce() => _later.Writer.TryComplete();

    /// <summary>
    /// Two servers that write at the same moment may lose images of the sample; nothing but the next table depends on it.
    /// </summary>
    /// <param name="latest">The latest last, each name once.</param>
    public async Task WriteAsync(string set, IReadOnlyCollection<ObservedImage> latest, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var others = (await ReadAsync(set, cancellationToken)).ExceptBy(latest.Select(i => i.Name), i => i.Name);
            ObservedImage[] images = [.. others.Concat(latest).TakeLast(_schedule.MostImages)];
            await _records.PutAsync(KeyOf(set), new ObservedRecord(images), ObservedJson.Default.ObservedRecord, cancellationToken);
            if (_schedule.IsLast(_schedule.StageOf(images.Length)))
            {
                _enough[set] = true;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The closures of these images, each with its image; without those of which not all is remembered.</summary>
    public async Task<IReadOnlyList<(ObservedImage Image, ClosureGraph Closure)>> ClosuresAsync(
        IReadOnlyList<ObservedImage> images, CancellationToken cancellationToken)
    {
        // Images have most of their packages in common.
        var known = new Dictionary<StorePath, IReadOnlyList<ClosureNode>?>();
        foreach (var output in images.SelectMany(i => i.Outputs))
        {
            if (!known.ContainsKey(output))
            {
                known.Add(output, await _outputs.FindClosureAsync(output, cancellationToken));
            }
        }

        return
        [
            .. images.Where(i => i.Outputs.All(o => known[o] is not null))
                .Select(i => (i, ClosureGraph.Of(i.Outputs.SelectMany(o => known[o]!).DistinctBy(n => n.Path), i.Outputs))),
        ];
    }

    public void Dispose() => _gate.Dispose();

    private static RecordKey KeyOf(string set) => RecordKey.Changing("observed", "1", set);
}

/// <param name="Images">The latest last.</param>
internal sealed record ObservedRecord(IReadOnlyList<ObservedImage> Images);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ObservedRecord))]
internal sealed partial class ObservedJson : JsonSerializerContext;

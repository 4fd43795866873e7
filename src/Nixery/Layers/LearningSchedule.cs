using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// When a registry that learns from its own images makes a table, and of what: early, then hardly ever, since each new table gives new
/// layers to what is built after it. A pin keeps its table but at the few sizes named here.
/// </summary>
/// <param name="At">How many images must have been seen for each table of a pin, ascending.</param>
/// <param name="MostImages">How many images are kept, the latest ones.</param>
public sealed record LearningSchedule(IReadOnlyList<int> At, int MostImages)
{
    public static readonly LearningSchedule Default = new([30, 100, 300], 512);

    /// <summary>Images are seen and nothing is made of them.</summary>
    public static readonly LearningSchedule Never = Default with { At = [] };

    /// <summary>How many of the sizes have been reached.</summary>
    public int StageOf(int imagesSeen) => At.Count(size => size <= imagesSeen);

    /// <summary>Whether more images make no new table for a pin that has one.</summary>
    public bool IsLast(int stage) => stage >= At.Count;

    /// <summary>Whether a pin whose table was made at <paramref name="stage"/>, null for a new pin, has one made now.</summary>
    public bool IsDue(int? stage, int imagesSeen) => stage is null || StageOf(imagesSeen) > stage;

    /// <summary>Null while too few images were seen.</summary>
    public HintTable? TableOf(IReadOnlyCollection<ClosureGraph> images, long wastePerLayerBytes)
    {
        if (StageOf(images.Count) == 0)
        {
            return null;
        }

        var nodes = new Dictionary<StorePath, ClosureNode>();
        var seenIn = new Dictionary<StorePath, int>();
        foreach (var node in images.SelectMany(i => i.Nodes))
        {
            nodes.TryAdd(node.Path, node);
            seenIn[node.Path] = seenIn.GetValueOrDefault(node.Path) + 1;
        }

        return new HintTableBuilder(nodes.Values, wastePerLayerBytes).FromImages(seenIn, images.Count);
    }
}

using Nixery.Layers;

namespace Nixery.Pulls;

/// <summary>Makes tables of the images that this registry has built.</summary>
internal sealed class TableLearner(ObservedImages observed, LearningSchedule schedule, LayerOptions options)
{
    public int StageOf(int imagesSeen) => schedule.StageOf(imagesSeen);

    public bool IsLast(int stage) => schedule.IsLast(stage);

    public bool IsDue(int stage, int imagesSeen) => schedule.IsDue(stage, imagesSeen);

    /// <summary>How many images of the package set there are to learn from.</summary>
    public async Task<int> CountAsync(string set, CancellationToken cancellationToken) =>
        (await observed.ReadAsync(set, cancellationToken)).Count;

    /// <summary>
    /// The table, null while there are too few images, and for how many sizes of the schedule there were enough whose closures can be read.
    /// </summary>
    public async Task<(HintTable? Table, int Stage)> LearnAsync(string set, CancellationToken cancellationToken)
    {
        var images = await observed.ReadAsync(set, cancellationToken);
        if (schedule.StageOf(images.Count) == 0)
        {
            return (null, 0);
        }

        var closures = await observed.ClosuresAsync(images, cancellationToken);
        return (schedule.TableOf([.. closures.Select(c => c.Closure)], options.WastePerLayerBytes), schedule.StageOf(closures.Count));
    }
}

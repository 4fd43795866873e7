using Nixery.Images;
using Nixery.Layers;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>A layer of an image that need not have been built.</summary>
/// <param name="Layer">What it holds.</param>
/// <param name="Reason">Why it is one, in words.</param>
/// <param name="SharedBy">How many other images have the very same layer, of those that the registry remembers to have built.</param>
public sealed record PreviewedLayer(PlannedLayer Layer, string Reason, int SharedBy);

/// <summary>How the planning of an image ended.</summary>
public abstract record PreviewOutcome
{
    private PreviewOutcome()
    {
    }

    /// <param name="Name">The image in canonical form.</param>
    /// <param name="TableId">The table that it is planned with; "none" for none.</param>
    /// <param name="Layers">Bottom first, without the root layer.</param>
    /// <param name="OtherImages">How many other images it was compared with.</param>
    public sealed record Planned(string Name, string TableId, IReadOnlyList<PreviewedLayer> Layers, int OtherImages) : PreviewOutcome;

    /// <summary>There is no such image, for the reason that a pull would have.</summary>
    public sealed record NotPlanned(PullOutcome Outcome) : PreviewOutcome;
}

/// <summary>Plans an image as a pull of it would now, and stores no layer: its packages are realised where their closures are not known.</summary>
public sealed class LayerPreview
{
    private readonly PackageSets _sets;
    private readonly ImageBuild _build;
    private readonly ImageContents _contents;
    private readonly ImageMemory _images;
    private readonly SharedLayers _shared;
    private readonly ILayerPlanner _planner;

    internal LayerPreview(
        PackageSets sets, ImageBuild build, ImageContents contents, ImageMemory images, SharedLayers shared, ILayerPlanner planner)
    {
        _sets = sets;
        _build = build;
        _contents = contents;
        _images = images;
        _shared = shared;
        _planner = planner;
    }

    public async Task<PreviewOutcome> PlanAsync(ImageName name, Tag tag, CancellationToken cancellationToken)
    {
        if (!_sets.TryRead(name, out var set, out var request, out var problem))
        {
            return new PreviewOutcome.NotPlanned(new PullOutcome.NameRefused(problem));
        }

        var pin = await set.Pinner.PinAsync(tag, cancellationToken);
        return pin is PinOutcome.Pinned { Source: var source }
            ? await PlanAsync(request, source, cancellationToken)
            : new PreviewOutcome.NotPlanned(PullOutcome.OfUnpinned(pin));
    }

    private async Task<PreviewOutcome> PlanAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var table = await _images.ForeseeTableAsync(request, source, cancellationToken);
        var drafted = await _build.DraftAsync(request, source, table, cancellationToken);
        if (drafted is not DraftOutcome.Drafted { Draft: var draft })
        {
            return new PreviewOutcome.NotPlanned(((DraftOutcome.Ended)drafted).Outcome);
        }

        var read = await _contents.ReadAsync(draft, cancellationToken);
        if (read is not ContentRead.Known { Content.Closure: var closure })
        {
            return new PreviewOutcome.NotPlanned(((ContentRead.NotRealised)read).Outcome);
        }

        var layers = _planner.Plan(closure, table.Table).Layers;
        var (sharedBy, others) = await _shared.CountAsync(source.Arguments.Set, ObservedImage.NameOf(request), layers, cancellationToken);
        return new PreviewOutcome.Planned(
            request.CanonicalName,
            table.Id,
            [.. layers.Select((layer, i) => new PreviewedLayer(layer, _planner.Explain(layer, closure, table.Table), sharedBy[i]))],
            others);
    }
}

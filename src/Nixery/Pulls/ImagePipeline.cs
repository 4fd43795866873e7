using System.Diagnostics;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// A pull by tag, from name to stored image:
/// 1 the package set and the name in canonical form, 2 the tag pinned, 3 an image that is known answered from memory,
/// 4 else built, once for all equal pulls in flight.
/// </summary>
public sealed class ImagePipeline
{
    private readonly PackageSets _sets;
    private readonly ImageMemory _images;
    private readonly ImageBuild _build;
    private readonly SharedWork<RecordKey, PullOutcome> _running;

    internal ImagePipeline(PackageSets sets, ImageMemory images, ImageBuild build, SharedWork<RecordKey, PullOutcome> running)
    {
        _sets = sets;
        _images = images;
        _build = build;
        _running = running;
    }

    /// <param name="cancellationToken">Ends the caller's waiting, never the build.</param>
    public async Task<PullOutcome> PullAsync(ImageName name, Tag tag, CancellationToken cancellationToken)
    {
        // 1
        if (!_sets.TrySelect(name, out var set, out var packages, out var problem) || !ImageRequest.TryFrom(packages, out var request, out problem))
        {
            return new PullOutcome.NameRefused(problem);
        }

        // 2
        var pin = await set.Pinner.PinAsync(tag, cancellationToken);
        // 3
        if (await FindAsync(request, pin, cancellationToken) is { } outcome)
        {
            return outcome;
        }

        // 4
        pin = await set.Pinner.PinAnewAsync(tag, cancellationToken);
        return await FindAsync(request, pin, cancellationToken)
            ?? await BuildAsync(request, ((PinOutcome.Pinned)pin).Source, cancellationToken);
    }

    /// <summary>An image that is known, or why there is none; null where it has to be built.</summary>
    private async Task<PullOutcome?> FindAsync(ImageRequest request, PinOutcome pin, CancellationToken cancellationToken) => pin switch
    {
        PinOutcome.Pinned { Source: var source } => await FindAsync(request, source, cancellationToken),
        PinOutcome.Past { Source: var source } past => await FindAsync(request, source, cancellationToken) ?? new PullOutcome.UnknownTag(past.Explanation),
        PinOutcome.UnknownTag unknown => new PullOutcome.UnknownTag(unknown.Explanation),
        PinOutcome.Unavailable unavailable => new PullOutcome.Unavailable(unavailable.Explanation),
        _ => throw new UnreachableException(),
    };

    private async Task<PullOutcome> BuildAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var key = _images.KeyOf(request, source);
        var outcome = await _running.RunAsync(key, stopping => _build.RunAsync(key, request, source, stopping), cancellationToken);
        return outcome is PullOutcome.Image built ? built with { Revision = source.Revision } : outcome;
    }

    private async Task<PullOutcome?> FindAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        await _images.FindAsync(request, source, cancellationToken) is { } known
            ? new PullOutcome.Image(known, WasKnown: true) { Revision = source.Revision }
            : null;
}

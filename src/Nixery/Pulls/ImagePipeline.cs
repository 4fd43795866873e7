using Nixery.Images;
using Nixery.Sight;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// A pull by tag, from name to stored image:
/// 1 the package set and the name in canonical form, 2 the tag pinned, 3 an image that is known answered from memory,
/// 4 else built, once for all equal pulls in flight, here and on other servers over the same storage.
/// </summary>
public sealed class ImagePipeline
{
    private readonly PackageSets _sets;
    private readonly ImageBuild _build;
    private readonly Repositories _repositories;
    private readonly OneBuilder _oneBuilder;
    private readonly SharedWork<RecordKey, PullOutcome> _running;
    private readonly Patience _patience;

    internal ImagePipeline(
        PackageSets sets,
        ImageBuild build,
        Repositories repositories,
        OneBuilder oneBuilder,
        SharedWork<RecordKey, PullOutcome> running,
        Patience patience)
    {
        _sets = sets;
        _build = build;
        _repositories = repositories;
        _oneBuilder = oneBuilder;
        _running = running;
        _patience = patience;
    }

    /// <param name="cancellationToken">Ends the caller's waiting, never the build.</param>
    public async Task<PullOutcome> PullAsync(ImageName name, Tag tag, CancellationToken cancellationToken)
    {
        using var pull = new MeasuredPull(name, tag);
        return pull.EndWith(await FindOrBuildAsync(name, tag, cancellationToken));
    }

    private async Task<PullOutcome> FindOrBuildAsync(ImageName name, Tag tag, CancellationToken cancellationToken)
    {
        // 1
        if (!_sets.TrySelect(name, out var set, out var packages, out var problem) || !ImageRequest.TryFrom(packages, out var request, out problem))
        {
            return new PullOutcome.NameRefused(problem);
        }

        // 2
        var pin = await PinAsync(set, tag, cancellationToken);
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

    private static async Task<PinOutcome> PinAsync(PackageSet set, Tag tag, CancellationToken cancellationToken)
    {
        using var span = Tracing.Begin("pin");
        return await set.Pinner.PinAsync(tag, cancellationToken);
    }

    /// <summary>An image that is known, or why there is none; null where it has to be built.</summary>
    private async Task<PullOutcome?> FindAsync(ImageRequest request, PinOutcome pin, CancellationToken cancellationToken) => pin switch
    {
        PinOutcome.Pinned { Source: var source } => await FindAsync(request, source, cancellationToken),
        PinOutcome.Past { Source: var source } => await FindAsync(request, source, cancellationToken) ?? PullOutcome.OfUnpinned(pin),
        _ => PullOutcome.OfUnpinned(pin),
    };

    private async Task<PullOutcome> BuildAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var key = _build.KeyOf(request, source);
        var outcome = await _patience.WaitAsync(
            waiting => _running.RunAsync(key, stopping => BuildOnceAsync(key, request, source, stopping), waiting), cancellationToken);
        return outcome switch
        {
            null => new PullOutcome.StillBuilding(_patience.Limit),
            PullOutcome.Image built => built with { Revision = source.Revision },
            _ => outcome,
        };
    }

    /// <summary>Here, or on another server over the same storage.</summary>
    private Task<PullOutcome> BuildOnceAsync(RecordKey key, ImageRequest request, PinnedSource source, CancellationToken stopping) => _oneBuilder.RunAsync(
        key, token => FindAsync(request, source, token), token => BuildAsync(key, request, source, token), stopping);

    private async Task<PullOutcome> BuildAsync(RecordKey key, ImageRequest request, PinnedSource source, CancellationToken stopping)
    {
        var outcome = await _build.RunAsync(key, request, source, stopping);
        if (outcome is PullOutcome.Image)
        {
            await _repositories.RememberAsync(request, source, stopping);
        }

        return outcome;
    }

    private async Task<PullOutcome?> FindAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        await _build.FindAsync(request, source, cancellationToken) is { } known
            ? new PullOutcome.Image(known.Stored, known.Origin) { Revision = source.Revision }
            : null;
}

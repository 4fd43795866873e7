using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// A pull by tag, from name to stored image:
/// 1 the package set and the name in canonical form, which the rules of this registry let, 2 the tag pinned, 3 an image that is known answered from memory,
/// 4 else built, once for all equal pulls in flight, here and on other servers over the same storage.
/// </summary>
public sealed class ImagePipeline
{
    private readonly PackageSets _sets;
    private readonly ImageBuild _build;
    private readonly Repositories _repositories;
    private readonly OneBuilder _oneBuilder;
    private readonly BuildQueue _queue;

    internal ImagePipeline(
        PackageSets sets,
        ImageBuild build,
        Repositories repositories,
        OneBuilder oneBuilder,
        BuildQueue queue)
    {
        _sets = sets;
        _build = build;
        _repositories = repositories;
        _oneBuilder = oneBuilder;
        _queue = queue;
    }

    /// <param name="client">On whose account a build is; see <see cref="LimitOptions"/>.</param>
    /// <param name="cancellationToken">Ends the caller's waiting, never the build.</param>
    public async Task<PullOutcome> PullAsync(ImageName name, Tag tag, string client, CancellationToken cancellationToken)
    {
        // 1
        if (!_sets.TryRead(name, out var set, out var request, out var problem))
        {
            return new PullOutcome.NameRefused(problem);
        }

        if (_build.FindRefusal(request) is { } refusal)
        {
            return refusal;
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
            ?? await BuildAsync(request, ((PinOutcome.Pinned)pin).Source, client, cancellationToken);
    }

    /// <summary>The same for who may not have anything built: 1 to 3.</summary>
    public async Task<PullOutcome> FindStoredAsync(ImageName name, Tag tag, CancellationToken cancellationToken) =>
        _sets.TryRead(name, out var set, out var request, out var problem)
            ? _build.FindRefusal(request)
                ?? await FindAsync(request, await set.Pinner.PinAsync(tag, cancellationToken), cancellationToken) ?? new PullOutcome.NotStored()
            : new PullOutcome.NameRefused(problem);

    /// <summary>An image that is known, or why there is none; null where it has to be built.</summary>
    private async Task<PullOutcome?> FindAsync(ImageRequest request, PinOutcome pin, CancellationToken cancellationToken) => pin switch
    {
        PinOutcome.Pinned { Source: var source } => await FindAsync(request, source, cancellationToken),
        PinOutcome.Past { Source: var source } => await FindAsync(request, source, cancellationToken) ?? PullOutcome.OfUnpinned(pin),
        _ => PullOutcome.OfUnpinned(pin),
    };

    private async Task<PullOutcome> BuildAsync(ImageRequest request, PinnedSource source, string client, CancellationToken cancellationToken)
    {
        var key = _build.KeyOf(request, source);
        var outcome = await _queue.RunAsync(client, key, stopping => BuildOnceAsync(key, request, source, stopping), cancellationToken);
        return outcome is PullOutcome.Image built ? built with { Revision = source.Revision } : outcome;
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
            ? await _build.FindRefusalOfStoredAsync(request, source, cancellationToken)
                ?? new PullOutcome.Image(known, WasKnown: true) { Revision = source.Revision }
            : null;
}

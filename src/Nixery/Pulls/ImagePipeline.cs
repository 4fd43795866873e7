using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// A pull by tag, from name to stored image:
/// 1 the name in canonical form, 2 the tag pinned, 3 an image that is known answered from memory,
/// 4 else built, once for all equal pulls in flight.
/// </summary>
public sealed class ImagePipeline
{
    private readonly ISourcePinner _pinner;
    private readonly BuildCache _cache;
    private readonly ImageBuild _build;
    private readonly SharedWork<RecordKey, PullOutcome> _running;

    internal ImagePipeline(ISourcePinner pinner, BuildCache cache, ImageBuild build, SharedWork<RecordKey, PullOutcome> running)
    {
        _pinner = pinner;
        _cache = cache;
        _build = build;
        _running = running;
    }

    /// <param name="cancellationToken">Ends the caller's waiting, never the build.</param>
    public async Task<PullOutcome> PullAsync(ImageName name, Tag tag, CancellationToken cancellationToken)
    {
        // 1
        if (!ImageRequest.TryFrom(name, out var request, out var problem))
        {
            return new PullOutcome.NameRefused(problem);
        }

        // 2
        var pin = await _pinner.PinAsync(tag, cancellationToken);
        if (pin is not PinOutcome.Pinned { Source: var source })
        {
            return pin switch
            {
                PinOutcome.UnknownTag unknown => new PullOutcome.UnknownTag(unknown.Explanation),
                PinOutcome.Unavailable unavailable => new PullOutcome.Unavailable(unavailable.Explanation),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }

        // 3
        var key = _build.KeyOf(request, source);
        return await _cache.FindImageAsync(key, cancellationToken) is { } known
            ? new PullOutcome.Image(known, WasKnown: true)
            // 4
            : await _running.RunAsync(key, stopping => _build.RunAsync(key, request, source, stopping), cancellationToken);
    }
}

using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>
/// The tags that an image can be pulled by: <c>latest</c> and the names of its package set, where its packages are in the set as it
/// is now; and the pins at which it is stored. Nothing is built for a list.
/// </summary>
public sealed class ImageTags
{
    private readonly PackageSets _sets;
    private readonly ImageBuild _build;
    private readonly Repositories _repositories;

    internal ImageTags(PackageSets sets, ImageBuild build, Repositories repositories)
    {
        _sets = sets;
        _build = build;
        _repositories = repositories;
    }

    public async Task<TagsOutcome> ListAsync(ImageName name, CancellationToken cancellationToken)
    {
        if (!_sets.TrySelect(name, out var set, out var packages, out var problem) || !ImageRequest.TryFrom(packages, out var request, out problem))
        {
            return new TagsOutcome.None(new PullOutcome.NameRefused(problem));
        }

        var pin = await set.Pinner.PinAsync(Tag.Latest, cancellationToken);
        var stored = await FindStoredAsync(set, request, pin, cancellationToken);
        var obstacle = await FindObstacleAsync(request, pin, cancellationToken);
        return (stored.Count, obstacle) switch
        {
            (_, null) => new TagsOutcome.Listed(Sorted([Tag.Latest, .. await set.Tags.ReadAsync(cancellationToken), .. stored])),
            (0, _) => new TagsOutcome.None(obstacle),
            _ => new TagsOutcome.Listed(Sorted(stored)),
        };
    }

    private async Task<IReadOnlyList<Tag>> FindStoredAsync(PackageSet set, ImageRequest request, PinOutcome latest, CancellationToken cancellationToken)
    {
        var stored = new List<Tag>();
        foreach (var revision in await FindRevisionsAsync(set, request, latest, cancellationToken))
        {
            if (Tag.TryParse(revision, out var tag) && await IsStoredAsync(set, request, tag, cancellationToken))
            {
                stored.Add(tag);
            }
        }

        return stored;
    }

    private async Task<bool> IsStoredAsync(PackageSet set, ImageRequest request, Tag tag, CancellationToken cancellationToken) =>
        SourceOf(await set.Pinner.PinAsync(tag, cancellationToken)) is { } source
            && await _build.FindAsync(request, source, cancellationToken) is not null;

    /// <summary>An image that was made before revisions were written down is stored at the one that <c>latest</c> means, if at any.</summary>
    private async Task<IEnumerable<string>> FindRevisionsAsync(PackageSet set, ImageRequest request, PinOutcome latest, CancellationToken cancellationToken)
    {
        var remembered = await _repositories.FindRevisionsAsync(set.Name, request, cancellationToken);
        return SourceOf(latest) is { } current ? remembered.Append(current.Revision).Distinct() : remembered;
    }

    private async Task<PullOutcome?> FindObstacleAsync(ImageRequest request, PinOutcome pin, CancellationToken cancellationToken) =>
        pin is not PinOutcome.Pinned { Source: var source } ? PullOutcome.OfUnpinned(pin)
        : await _build.FindAsync(request, source, cancellationToken) is not null ? null
        : await _build.FindObstacleAsync(request, source, cancellationToken);

    private static PinnedSource? SourceOf(PinOutcome pin) => pin switch
    {
        PinOutcome.Pinned pinned => pinned.Source,
        PinOutcome.Past past => past.Source,
        _ => null,
    };

    private static IReadOnlyList<string> Sorted(IEnumerable<Tag> tags) =>
        [.. tags.Select(t => t.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}

/// <summary>How a list of tags ended.</summary>
public abstract record TagsOutcome
{
    private TagsOutcome()
    {
    }

    /// <param name="Tags">Sorted ordinally, each once.</param>
    public sealed record Listed(IReadOnlyList<string> Tags) : TagsOutcome;

    /// <param name="Why">What a pull of <c>latest</c> would end with.</param>
    public sealed record None(PullOutcome Why) : TagsOutcome;
}

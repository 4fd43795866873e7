using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>
/// The tags that an image can be pulled by: <c>latest</c>, where its packages are in the set as it is now; the names of its package
/// set; and the pins at which it is stored. Nothing is built for a list.
/// </summary>
public sealed class ImageTags
{
    private readonly PackageSets _sets;
    private readonly ImageBuild _build;
    private readonly NameCheck _names;
    private readonly Repositories _repositories;

    internal ImageTags(PackageSets sets, ImageBuild build, NameCheck names, Repositories repositories)
    {
        _sets = sets;
        _build = build;
        _names = names;
        _repositories = repositories;
    }

    /// <param name="client">On whose account an evaluation is, where one is needed.</param>
    public Task<TagsOutcome> ListAsync(ImageName name, string client, CancellationToken cancellationToken) =>
        OfAsync(name, known => ListAsync(known, client, cancellationToken), cancellationToken);

    /// <summary>The same for who may not have anything built: the tags at which the image is stored. Nix is not asked.</summary>
    public Task<TagsOutcome> ListStoredAsync(ImageName name, CancellationToken cancellationToken) =>
        OfAsync(name, known => Task.FromResult(ListStored(known)), cancellationToken);

    private static TagsOutcome ListStored(Known known)
    {
        var isLatest = SourceOf(known.Latest) is { } source && known.Stored.Any(tag => tag.Text == source.Revision);
        return known.Stored.Count == 0
            ? new TagsOutcome.None(new PullOutcome.NotStored())
            : new TagsOutcome.Listed(Sorted([.. isLatest ? [Tag.Latest] : Array.Empty<Tag>(), .. known.Stored]));
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<Tag> tags) =>
        [.. tags.Select(t => t.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private async Task<TagsOutcome> OfAsync(ImageName name, Func<Known, Task<TagsOutcome>> listAsync, CancellationToken cancellationToken)
    {
        if (!_sets.TryRead(name, out var set, out var request, out var problem))
        {
            return new TagsOutcome.None(new PullOutcome.NameRefused(problem));
        }

        if (_build.FindRefusal(request) is { } refusal)
        {
            return new TagsOutcome.None(refusal);
        }

        var latest = await set.Pinner.PinAsync(Tag.Latest, cancellationToken);
        return await listAsync(new Known(set, request, latest, await FindStoredAsync(set, request, latest, cancellationToken)));
    }

    private async Task<TagsOutcome> ListAsync(Known known, string client, CancellationToken cancellationToken)
    {
        var obstacle = await FindObstacleAsync(known, client, cancellationToken);
        if (obstacle is not null && known.Stored.Count == 0)
        {
            return new TagsOutcome.None(obstacle);
        }

        // What cannot be asked now is no reason to take a tag off a list that others keep copies by.
        var isGone = obstacle is PullOutcome.UnknownTag or PullOutcome.PackagesNotFound or PullOutcome.PackagesRefused;
        IEnumerable<Tag> tags = [.. isGone ? Array.Empty<Tag>() : [Tag.Latest], .. await known.Set.Tags.ReadAsync(cancellationToken), .. known.Stored];
        return new TagsOutcome.Listed(Sorted(tags));
    }

    private async Task<IReadOnlyList<Tag>> FindStoredAsync(PackageSet set, ImageRequest request, PinOutcome latest, CancellationToken cancellationToken)
    {
        var revisions = await _repositories.FindRevisionsAsync(set.Name, request, cancellationToken);
        // An image that was made before revisions were written down is stored at the one that latest means, if at any.
        var all = SourceOf(latest) is { } current ? revisions.Append(current.Revision).Distinct() : revisions;
        var stored = new List<Tag>();
        foreach (var revision in all)
        {
            if (Tag.TryParse(revision, out var tag)
                && SourceOf(await set.Pinner.PinAsync(tag, cancellationToken)) is { } source
                && await _build.FindAsync(request, source, cancellationToken) is not null)
            {
                stored.Add(tag);
            }
        }

        return stored;
    }

    private async Task<PullOutcome?> FindObstacleAsync(Known known, string client, CancellationToken cancellationToken) =>
        known.Latest is not PinOutcome.Pinned { Source: var source } ? PullOutcome.OfUnpinned(known.Latest)
        : known.Stored.Any(tag => tag.Text == source.Revision) ? null
        : await _names.FindObstacleAsync(known.Request, source, client, cancellationToken);

    private static PinnedSource? SourceOf(PinOutcome pin) => pin switch
    {
        PinOutcome.Pinned pinned => pinned.Source,
        PinOutcome.Past past => past.Source,
        _ => null,
    };

    /// <param name="Latest">What <c>latest</c> means.</param>
    /// <param name="Stored">The tags at which the image is stored.</param>
    private sealed record Known(PackageSet Set, ImageRequest Request, PinOutcome Latest, IReadOnlyList<Tag> Stored);
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

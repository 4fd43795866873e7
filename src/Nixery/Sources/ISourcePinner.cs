using System.Text.RegularExpressions;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Freezes the package source at what a tag means now.</summary>
public interface ISourcePinner
{
    Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken);

    /// <summary>
    /// The same for a build that is about to begin, where looking costs little beside it: a folder is looked at now, not within the
    /// last second.
    /// </summary>
    Task<PinOutcome> PinAnewAsync(Tag tag, CancellationToken cancellationToken) => PinAsync(tag, cancellationToken);
}

/// <summary>
/// A source with a history that lives elsewhere. Each call of <see cref="ISourcePinner.PinAsync"/> may ask there; a
/// <see cref="PinBook"/> remembers what it said.
/// </summary>
internal interface IRemotePinner : ISourcePinner, ITagSource
{
    /// <summary>What tells this source from all others, free of credentials.</summary>
    string Identity { get; }

    /// <summary>The source at a commit that it is known to have.</summary>
    PinnedSource At(string commit);
}

/// <summary>How pinning ended.</summary>
public abstract record PinOutcome
{
    private PinOutcome()
    {
    }

    public sealed record Pinned(PinnedSource Source) : PinOutcome;

    /// <summary>
    /// The tag means a content that is there no more: images that were made of it can be had, and no others.
    /// </summary>
    public sealed record Past(PinnedSource Source, string Explanation) : PinOutcome;

    /// <summary>The source has nothing of this name.</summary>
    public sealed record UnknownTag(string Explanation) : PinOutcome;

    /// <summary>The source cannot be asked now.</summary>
    public sealed record Unavailable(string Explanation) : PinOutcome;
}

/// <summary>The words for commits, as git and nixpkgs write them.</summary>
internal static partial class CommitText
{
    public static bool IsCommit(string text) => Whole().IsMatch(text);

    /// <summary>The beginning of a commit, or all of it.</summary>
    public static bool IsPrefix(string text) => Part().IsMatch(text);

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\A[0-9a-f]{7,40}\z")]
    private static partial Regex Part();
}

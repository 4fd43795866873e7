using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Freezes the package source at what a tag means now.</summary>
public interface ISourcePinner
{
    Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken);
}

/// <summary>How pinning ended.</summary>
public abstract record PinOutcome
{
    private PinOutcome()
    {
    }

    public sealed record Pinned(PinnedSource Source) : PinOutcome;

    /// <summary>The source has nothing of this name.</summary>
    public sealed record UnknownTag(string Explanation) : PinOutcome;

    /// <summary>The source cannot be asked now.</summary>
    public sealed record Unavailable(string Explanation) : PinOutcome;
}

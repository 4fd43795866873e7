using Nixery.Images;

namespace Nixery.Building;

/// <summary>How the listing of a package set ended.</summary>
public abstract record ListingOutcome
{
    private ListingOutcome()
    {
    }

    public sealed record Listed(IReadOnlyList<PackageName> Names) : ListingOutcome;

    /// <summary>The package set cannot be read.</summary>
    public sealed record Unavailable(string Explanation) : ListingOutcome;

    /// <summary>Too many wait already.</summary>
    public sealed record Busy : ListingOutcome;

    /// <summary>Nix did not answer within <paramref name="Limit"/>.</summary>
    public sealed record TimedOut(TimeSpan Limit) : ListingOutcome;
}

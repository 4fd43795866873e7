using System.Diagnostics;
using Nixery.Building;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>How a pull by tag ended. Each case has an answer at the edge; a test walks them all.</summary>
public abstract record PullOutcome
{
    private PullOutcome()
    {
    }

    /// <param name="Stored">Its manifests.</param>
    /// <param name="Origin">What it took to have it.</param>
    public sealed record Image(StoredImage Stored, ImageOrigin Origin) : PullOutcome
    {
        /// <summary>Whether it was answered from what is stored, without a build.</summary>
        public bool WasKnown => Origin is ImageOrigin.Memory or ImageOrigin.Storage;

        /// <summary>What the package set was pinned at; a tag by which the same can be asked for again.</summary>
        public string Revision { get; init; } = "";
    }

    /// <summary>The name is well formed and asks for no image that can be.</summary>
    public sealed record NameRefused(string Explanation) : PullOutcome;

    public sealed record UnknownTag(string Explanation) : PullOutcome;

    /// <summary>At least one package does not exist.</summary>
    /// <param name="Packages">Those.</param>
    /// <param name="Presets">The presets of the name that stand for some of them.</param>
    public sealed record PackagesNotFound(IReadOnlyList<PackageAnswer.NotFound> Packages, IReadOnlyList<string> Presets) : PullOutcome;

    /// <summary>All packages exist and at least one may not or cannot be had.</summary>
    public sealed record PackagesRefused(IReadOnlyList<PackageAnswer.Refused> Packages) : PullOutcome;

    /// <summary>It would have to be built, and whoever asked may not have that done.</summary>
    public sealed record NotStored : PullOutcome;

    public sealed record BuildFailed(string Explanation) : PullOutcome;

    public sealed record BuildTimedOut(TimeSpan Limit) : PullOutcome;

    /// <summary>It is being built for longer than a pull waits, and goes on.</summary>
    public sealed record StillBuilding(TimeSpan Waited) : PullOutcome;

    /// <summary>Who runs this registry has set a limit that the image is beyond.</summary>
    public sealed record OverLimit(string Explanation) : PullOutcome;

    /// <summary>The client has as much as it may have for now.</summary>
    /// <param name="Client">Whose account it is.</param>
    /// <param name="Explanation">Which limit it is.</param>
    /// <param name="FreeIn">When asking again is worth it.</param>
    public sealed record TooMany(string Client, string Explanation, TimeSpan FreeIn) : PullOutcome;

    /// <summary>Too many builds wait already.</summary>
    public sealed record Busy : PullOutcome;

    /// <summary>The storage has reached its limit, and nothing in it may go for this image now.</summary>
    public sealed record NoRoom(string Explanation) : PullOutcome;

    /// <summary>Nix or the package source cannot be used now.</summary>
    public sealed record Unavailable(string Explanation) : PullOutcome;

    /// <summary>The ending of a pull whose source could not be pinned, or not to anything that can be built.</summary>
    internal static PullOutcome OfUnpinned(PinOutcome pin) => pin switch
    {
        PinOutcome.Past past => new UnknownTag(past.Explanation),
        PinOutcome.UnknownTag unknown => new UnknownTag(unknown.Explanation),
        PinOutcome.Unavailable unavailable => new Unavailable(unavailable.Explanation),
        _ => throw new UnreachableException(),
    };
}

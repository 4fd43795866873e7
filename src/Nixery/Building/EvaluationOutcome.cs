using Nixery.Closures;
using Nixery.Images;

namespace Nixery.Building;

/// <summary>How the evaluation of package names against a package set ended.</summary>
public abstract record EvaluationOutcome
{
    private EvaluationOutcome()
    {
    }

    /// <summary>The package set was read and answered for each name, in the order asked.</summary>
    /// <param name="Answers">One for each name, in the order of the names.</param>
    /// <param name="LastModified">When the package set says that it was last changed; null when it does not say.</param>
    public sealed record Answered(IReadOnlyList<PackageAnswer> Answers, DateTimeOffset? LastModified) : EvaluationOutcome;

    /// <summary>The package set itself cannot be read: it does not parse, is not there, or is too new for this Nix.</summary>
    /// <param name="Explanation">One sentence for the client, free of secrets and of this machine's paths.</param>
    public sealed record Unavailable(string Explanation) : EvaluationOutcome;

    /// <summary>Too many wait already.</summary>
    public sealed record Busy : EvaluationOutcome;

    /// <summary>Nix did not answer within <paramref name="Limit"/>.</summary>
    public sealed record TimedOut(TimeSpan Limit) : EvaluationOutcome;
}

/// <summary>What the package set says of one name.</summary>
public abstract record PackageAnswer
{
    private PackageAnswer(PackageName name) => Name = name;

    public PackageName Name { get; }

    public sealed record Available(PackageName For, Package Package) : PackageAnswer(For);

    /// <summary>There is no such attribute.</summary>
    /// <param name="For">The name.</param>
    /// <param name="Nearest">Names that exist and look alike, as they can be typed, best first; at most five.</param>
    /// <param name="Providers">Packages that have a command of this name, as they can be typed; at most five.</param>
    public sealed record NotFound(PackageName For, IReadOnlyList<string> Nearest, IReadOnlyList<string> Providers) : PackageAnswer(For);

    /// <summary>The package exists and may not or cannot be had.</summary>
    /// <param name="For">The name.</param>
    /// <param name="Reason">Which kind of refusal.</param>
    /// <param name="Explanation">One sentence that names the package, the reason and what would help.</param>
    public sealed record Refused(PackageName For, RefusalReason Reason, string Explanation) : PackageAnswer(For);
}

/// <summary>Why a package that exists cannot be had.</summary>
public enum RefusalReason
{
    Unfree,
    Insecure,
    Broken,
    UnsupportedPlatform,

    /// <summary>Who runs this registry does not allow it.</summary>
    NotAllowed,

    /// <summary>Its evaluation fails: it was removed, or asks for something that is not there.</summary>
    EvaluationFailed,
}

/// <summary>A package that can be built.</summary>
/// <param name="AttributePath">Where it stands in the package set, as written there: <c>python3Packages.numpy</c>.</param>
/// <param name="NameAndVersion">The derivation's name: <c>git-2.39.5</c>.</param>
/// <param name="Version">Its version, when the package set tells it.</param>
/// <param name="DerivationPath">The recipe: a store path ending in <c>.drv</c>.</param>
/// <param name="Outputs">The outputs to install, in the package set's order; at least one.</param>
/// <param name="MainProgram">The program in <c>bin</c> that the package exists for, when the package set tells it.</param>
/// <param name="Description">One line.</param>
/// <param name="Licences">SPDX identifiers where the package set has them, else its own short names.</param>
public sealed record Package(
    string AttributePath,
    string NameAndVersion,
    string? Version,
    StorePath DerivationPath,
    IReadOnlyList<PackageOutput> Outputs,
    string? MainProgram,
    string? Description,
    IReadOnlyList<string> Licences);

/// <summary>One output of a derivation: <c>out</c>, <c>bin</c>, <c>dev</c>, and where it will be.</summary>
public sealed record PackageOutput(string Name, StorePath Path);

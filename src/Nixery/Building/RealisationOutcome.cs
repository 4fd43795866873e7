using Nixery.Closures;

namespace Nixery.Building;

/// <summary>How the realisation of packages ended.</summary>
public abstract record RealisationOutcome
{
    private RealisationOutcome()
    {
    }

    public sealed record Realised(Realisation Realisation) : RealisationOutcome;

    /// <summary>A derivation did not build.</summary>
    /// <param name="Derivation">Its name without hash and <c>.drv</c>: <c>git-2.39.5</c>; null when Nix did not name one.</param>
    /// <param name="Explanation">The sentence of Nix's output that matters, free of secrets.</param>
    public sealed record Failed(string? Derivation, string Explanation) : RealisationOutcome;

    /// <summary>It would have to be built here, and nothing is: <see cref="Building.Nix.NixOptions.SubstituteOnly"/>.</summary>
    /// <param name="Explanation">Names what no binary cache has.</param>
    public sealed record NotInCaches(string Explanation) : RealisationOutcome;

    /// <summary>A recipe has been garbage-collected since it was evaluated: evaluate again, then realise.</summary>
    public sealed record DerivationGone(string Explanation) : RealisationOutcome;

    /// <summary>Nix cannot be used: not installed, no right to write its store, disk full.</summary>
    public sealed record Unavailable(string Explanation) : RealisationOutcome;

    /// <summary>Too many wait already.</summary>
    public sealed record Busy : RealisationOutcome;

    /// <summary>The build did not end within <paramref name="Limit"/>.</summary>
    public sealed record TimedOut(TimeSpan Limit) : RealisationOutcome;
}

/// <summary>
/// Outputs that are present, with their closure. Until it is disposed, garbage-collector roots keep all of it in the store.
/// </summary>
public abstract class Realisation(ClosureGraph closure) : IAsyncDisposable
{
    public ClosureGraph Closure { get; } = closure;

    /// <summary>Lets the garbage collector have the closure again. Idempotent.</summary>
    public abstract ValueTask DisposeAsync();
}

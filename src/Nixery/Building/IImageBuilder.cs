using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>
/// Turns package names into store paths: evaluate, then realise. What a user can cause comes back as a value; an
/// exception is a bug or a cancelled token.
/// </summary>
public interface IImageBuilder
{
    /// <summary>
    /// Looks the names up in the package set of <paramref name="source"/> for <paramref name="platform"/>. One name that
    /// cannot be had does not fail the rest. Builds nothing.
    /// </summary>
    Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken);

    /// <summary>All names at the top of the package set, as they can be typed, in ordinal order. Evaluates no package.</summary>
    Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken);

    /// <summary>
    /// Builds or fetches the outputs of <paramref name="packages"/> and reads their closure. The caller disposes the
    /// <see cref="Realisation"/>.
    /// </summary>
    Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken);
}

using Nixery.Closures;

namespace Nixery.Building;

/// <summary>What can be known of store paths while they are being realised. Whatever is not known is no failure.</summary>
public interface IStoreForesight
{
    /// <summary>
    /// The closure of outputs that may not be here yet, as a binary cache tells it that has all of it; null when none does.
    /// </summary>
    Task<ClosureGraph?> ForeseeAsync(IReadOnlyList<StorePath> outputs, CancellationToken cancellationToken);

    /// <summary>Those of <paramref name="paths"/> that are in the store, whole and registered.</summary>
    Task<IReadOnlySet<StorePath>> FindPresentAsync(IReadOnlyCollection<StorePath> paths, CancellationToken cancellationToken);
}

using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// Tries a few packages of a pin before it takes the place of an older one. Null when all of them can be had, else one sentence that
/// says which cannot, and why.
/// </summary>
internal delegate Task<string?> TryOut(PinnedSource source, IReadOnlyList<PackageName> names, CancellationToken cancellationToken);

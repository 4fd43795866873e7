using Nixery.Closures;

namespace Nixery.Rootfs;

/// <summary>Two outputs have different things at the same place below <c>/</c>.</summary>
/// <param name="Path">The place, without leading slash.</param>
/// <param name="Winner">The output whose file or directory stands there; null where every image has a directory of its own.</param>
/// <param name="Loser">The output whose file or directory is in the image but not at this place.</param>
internal sealed record RootConflict(string Path, StorePath? Winner, StorePath Loser);

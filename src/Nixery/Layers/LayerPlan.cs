using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>A layer before it is written.</summary>
/// <param name="Top">
/// The store path that the layer exists for; null for the tail, which takes what does not get a layer of its own.
/// </param>
/// <param name="Paths">What it holds, in ordinal order; at least one.</param>
/// <param name="NarSizeBytes">The sum of their own sizes.</param>
public sealed record PlannedLayer(StorePath? Top, IReadOnlyList<StorePath> Paths, long NarSizeBytes);

/// <summary>The layers of one image, bottom first, without the root layer. Each store path is in exactly one.</summary>
public sealed record LayerPlan(IReadOnlyList<PlannedLayer> Layers);

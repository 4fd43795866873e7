namespace Nixery.Layers;

/// <summary>How closures become layers; docs/layering.md says what each does to a pull.</summary>
public sealed record LayerOptions
{
    /// <summary>Docker's classic store and containers/storage mount at most 127; one is the root layer.</summary>
    public const int LargestBudget = 126;

    /// <summary>The rule by which store paths are put together.</summary>
    public PlannerKind Planner { get; init; } = PlannerKind.Forest;

    /// <summary>
    /// How many layers of store paths an image has at most; the root layer comes on top. The default leaves room for what a
    /// Dockerfile adds to an image FROM ours.
    /// </summary>
    public int Budget { get; init; } = 94;

    /// <summary>Sigma of the study: what is smaller than this, with all that travels with it, shares the tail, where there is a table.</summary>
    public long SmallestLayerBytes { get; init; } = 131_072;

    /// <summary>
    /// Tau of the study: how many bytes that nobody asked for a layer less is worth. It counts when a table is made, not when it is used.
    /// </summary>
    public long WastePerLayerBytes { get; init; } = 1_000_000;

    /// <summary>Path or http(s) address of a table; empty for what this registry learns from the images that it builds.</summary>
    public string Table { get; init; } = "";
}

/// <summary>The rule by which store paths are put together.</summary>
public enum PlannerKind
{
    /// <summary>The host forest.</summary>
    Forest,

    /// <summary>Nixery's own, for nodes that hold layers of it.</summary>
    Nixery,
}

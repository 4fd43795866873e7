namespace Nixery.Layers;

/// <summary>How closures become layers.</summary>
public sealed record LayerOptions
{
    /// <summary>Docker's classic store and containers/storage mount at most 127; one is the root layer.</summary>
    public const int LargestBudget = 126;

    /// <summary>
    /// How many layers of store paths an image has at most; the root layer comes on top. The default leaves room for what a
    /// Dockerfile adds to an image FROM ours.
    /// </summary>
    public int Budget { get; init; } = 94;
}

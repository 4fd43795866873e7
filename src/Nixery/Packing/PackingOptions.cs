namespace Nixery.Packing;

/// <summary>How layers are written.</summary>
public sealed record PackingOptions
{
    /// <summary>How many layers are packed at a time, over all pulls.</summary>
    public int LayersAtOnce { get; init; } = Environment.ProcessorCount;
}

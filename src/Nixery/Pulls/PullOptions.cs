namespace Nixery.Pulls;

/// <summary>How pulls are remembered.</summary>
public sealed record PullOptions
{
    /// <summary>
    /// How long "no such package" and "does not build" are believed before they are looked at again. Never so for a fault of storage,
    /// network or time.
    /// </summary>
    public TimeSpan RememberFailuresFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much memory the records that were lately used may take.</summary>
    public long MemoryBytes { get; init; } = 64 * 1024 * 1024;
}

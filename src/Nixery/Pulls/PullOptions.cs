namespace Nixery.Pulls;

/// <summary>How pulls are remembered.</summary>
public sealed record PullOptions
{
    /// <summary>
    /// How long "no such package" and "does not build" are believed before they are looked at again. Never so for a fault of storage,
    /// network or time.
    /// </summary>
    public TimeSpan RememberFailuresFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a pull waits for its image to be built; then it is told to come back, and the build goes on. Nix has a limit of its
    /// own for each step: <see cref="Building.Nix.NixOptions.Timeout"/>.
    /// </summary>
    public TimeSpan WaitFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How much memory the records that were lately used may take, and as much again the manifests and configurations. What is not in memory
    /// is read from the storage.
    /// </summary>
    public long MemoryBytes { get; init; } = 16 * 1024 * 1024;
}

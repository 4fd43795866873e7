namespace Nixery.Building;

/// <summary>What this machine must have left for a new image to be built; below it what is stored is served, and nothing else.</summary>
public sealed record HeadroomOptions
{
    /// <summary>
    /// Of the disks of the storage and of the Nix store. Null for a gibibyte, or a twentieth of the disk where that is less; 0 to look at none.
    /// </summary>
    public long? DiskBytes { get; init; }

    /// <summary>Null for 256 MiB, or a twentieth of the memory where that is less; 0 not to look.</summary>
    public long? MemoryBytes { get; init; }
}

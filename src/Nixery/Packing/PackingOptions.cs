namespace Nixery.Packing;

/// <summary>How layers are written.</summary>
public sealed record PackingOptions
{
    /// <summary>With less, layers would wait for each other's pieces.</summary>
    public const long LeastMemoryBytes = 16 * Mebibyte;

    /// <summary>More would bring nothing on any machine.</summary>
    public const long MostMemoryBytes = 64 * 1024 * Mebibyte;

    private const long Mebibyte = 1024 * 1024;

    /// <summary>What this process may take of the machine's memory: a container has many processors and little memory as often as not.</summary>
    private static readonly long Share = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;

    /// <summary>What compresses layers.</summary>
    public PackingEncoder Encoder { get; init; } = PackingEncoder.Auto;

    /// <summary>How hard the encoder tries, also between two levels; null for its default.</summary>
    public decimal? Level { get; init; }

    /// <summary>How many layers of one image are packed at a time.</summary>
    public int LayersAtOnce { get; init; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>How many images are packed at a time; the others follow in order of arrival.</summary>
    public int ImagesAtOnce { get; init; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>How many more images wait for their turn; beyond that a client is told to come back.</summary>
    public int MostWaiting { get; init; } = 200;

    /// <summary>The memory for what is being packed, over all images.</summary>
    public long MemoryBytes { get; init; } = Math.Max(
        LeastMemoryBytes, Math.Min(Share, Math.Clamp(Environment.ProcessorCount * 16 * Mebibyte, 32 * Mebibyte, 1024 * Mebibyte)));
}

/// <summary>Who compresses layers.</summary>
public enum PackingEncoder
{
    /// <summary>Gzip by libdeflate where it is installed, else by .NET.</summary>
    Auto,

    /// <summary>Gzip by the system's libdeflate.</summary>
    Libdeflate,

    /// <summary>Gzip by .NET.</summary>
    Bcl,

    /// <summary>Zstandard by the system's libzstd, for containerd 1.5, docker 23, podman and newer ones.</summary>
    Zstd,
}

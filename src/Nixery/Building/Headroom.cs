using Nixery.Closures;

namespace Nixery.Building;

/// <param name="Name"><c>storage</c> or <c>nix</c>, or <c>memory</c>.</param>
/// <param name="LeastBytes">What must be free for anything to be built.</param>
public sealed record Space(string Name, long FreeBytes, long TotalBytes, long LeastBytes)
{
    public bool IsLow => FreeBytes < LeastBytes;
}

/// <summary>
/// Whether this machine has what a build takes. A disk that fills up to its last byte takes the Nix store's database and the images of
/// others with it, and a machine without memory the whole server; so no build begins when there is little left. What runs goes on.
/// </summary>
public sealed class Headroom(HeadroomOptions options, string storageFolder, TimeProvider time)
{
    private const long DiskBytes = 1024 * 1024 * 1024;
    private const long MemoryBytes = 256 * 1024 * 1024;
    private const int Share = 20;

    private static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private IReadOnlyList<Space>? _last;
    private long _read;

    /// <summary>The disks that can be asked, and the memory; read at most once a second.</summary>
    public IReadOnlyList<Space> Read()
    {
        lock (_gate)
        {
            if (_last is null || time.GetElapsedTime(_read) >= BelieveFor)
            {
                _last = ReadNow();
                _read = time.GetTimestamp();
            }

            return _last;
        }
    }

    /// <summary>Why nothing new can be built, as a sentence for clients; null when it can.</summary>
    public string? FindLack() => Read().FirstOrDefault(s => s.IsLow) switch
    {
        null => null,
        { Name: "memory" } => "this registry has hardly any memory left; images that are stored are served, and new ones are built when there is some again",
        { Name: var disk } => $"the disk of this registry's {(disk == "nix" ? "Nix store" : "storage")} is nearly full; images that are stored are served, and new ones are built when there is room again",
    };

    private Space[] ReadNow()
    {
        Space?[] all = [DiskAt("storage", storageFolder), DiskAt("nix", StorePath.StoreDirectory), Memory()];
        return [.. all.OfType<Space>()];
    }

    private Space? DiskAt(string name, string folder)
    {
        // A folder that is not made yet will be on the disk of the nearest one that is.
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
        {
            there = parent;
        }

        try
        {
            var disk = new DriveInfo(there);
            return new Space(name, disk.AvailableFreeSpace, disk.TotalSize, options.DiskBytes ?? Math.Min(DiskBytes, disk.TotalSize / Share));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that does not say how full it is says so when it is written to.
            return null;
        }
    }

    private Space? Memory() => MemorySpace.Find() is var (available, total)
        ? new Space("memory", available, total, options.MemoryBytes ?? Math.Min(MemoryBytes, total / Share))
        : null;
}

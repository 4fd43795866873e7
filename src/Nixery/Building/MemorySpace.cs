using System.Globalization;

namespace Nixery.Building;

/// <summary>
/// How much memory can be had: of the machine, or of the container where that is less.
/// https://docs.kernel.org/filesystems/proc.html#meminfo, https://docs.kernel.org/admin-guide/cgroup-v2.html#memory
/// </summary>
internal static class MemorySpace
{
    private const string Group = "/sys/fs/cgroup";

    /// <summary>Bytes; null where the kernel does not say.</summary>
    public static (long Available, long Total)? Find()
    {
        try
        {
            var machine = OfMachine(File.ReadLines("/proc/meminfo"));
            var group = OfGroup();
            return machine is null ? null : group is { } own && own.Available < machine.Value.Available ? own : machine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="lines">As <c>MemAvailable:   24000 kB</c>.</param>
    internal static (long Available, long Total)? OfMachine(IEnumerable<string> lines)
    {
        var fields = lines.Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(f => f.Length > 1)
            .DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
        return Find(fields, "MemAvailable") is { } available && Find(fields, "MemTotal") is { } total ? (available * 1024, total * 1024) : null;
    }

    /// <summary>What files have in the page cache and nobody uses can be had back at once, and is not counted as used.</summary>
    private static (long Available, long Total)? OfGroup()
    {
        if (!File.Exists($"{Group}/memory.max") || !TryParse(File.ReadAllText($"{Group}/memory.max"), out var most)
            || !TryParse(File.ReadAllText($"{Group}/memory.current"), out var used))
        {
            return null;
        }

        var fields = File.ReadLines($"{Group}/memory.stat").Select(l => l.Split(' ')).Where(f => f.Length == 2)
            .DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
        return (most - used + (Find(fields, "inactive_file") ?? 0), most);
    }

    private static long? Find(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var text) && TryParse(text, out var value) ? value : null;

    private static bool TryParse(string text, out long value) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}

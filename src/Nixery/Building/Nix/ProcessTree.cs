using System.Globalization;
using System.Runtime.InteropServices;

namespace Nixery.Building.Nix;

/// <summary>
/// Kills a process with all its descendants. <see cref="System.Diagnostics.Process.Kill(bool)"/> kills a parent before
/// it looks for the children's children; Nix's builders die with Nix (PR_SET_PDEATHSIG), and what they had started
/// would be orphaned before it is found. So all are stopped first, from the top down, and killed when none is new.
/// </summary>
internal static partial class ProcessTree
{
    private const int Kill = 9;
    private const int Stop = 19;

    public static void KillAll(int root)
    {
        var stopped = new HashSet<int>();
        for (List<int> found = [root]; found.Count > 0; found = ChildrenOf(stopped))
        {
            foreach (var process in found)
            {
                stopped.Add(process);
                _ = Signal(process, Stop);
            }
        }

        foreach (var process in stopped)
        {
            _ = Signal(process, Kill);
        }
    }

    /// <summary>The processes whose parent is in <paramref name="known"/> and that are not themselves.</summary>
    private static List<int> ChildrenOf(HashSet<int> known) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && !known.Contains(id) && known.Contains(ParentOf(id)))];

    // "123 (a name) S 45 …": the name may hold anything, so the fields are counted from the last parenthesis.
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or is another user's and hidden.
            return 0;
        }
    }

    // A process that is gone already is what is wanted; so the result does not matter.
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}

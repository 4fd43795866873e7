using System.CommandLine;
using System.Globalization;

namespace Nixery.Bench;

/// <summary>What a verb says at its end, for the scripts.</summary>
internal static class Report
{
    /// <param name="bytes">How many came out.</param>
    public static Task SayAsync(ParseResult parsed, string how, long bytes)
    {
        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var peakKilobytes = long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        return parsed.InvocationConfiguration.Output.WriteLineAsync($"done {how} bytes={bytes} peak_mib={peakKilobytes / 1024}");
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Nixery.Server.Sight;

/// <summary>
/// What the operating system has of this process, under the names that Prometheus' own clients use, for which there are dashboards.
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
/// </summary>
internal static class ProcessGauges
{
    public static void Add(Meter meter)
    {
        using var self = Process.GetCurrentProcess();
        var started = new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of this process, without that of Nix");
        meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Memory of this process, without that of Nix");
        meter.CreateObservableGauge("process.threads", () => Count("/proc/self/task"), null, "Threads of this process");
        meter.CreateObservableGauge("process.open_fds", () => Count("/proc/self/fd"), null, "File descriptors that are open");
        meter.CreateObservableGauge("process.max_fds", FindMostDescriptors, null, "How many file descriptors may be open");
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When this process began, since the epoch");
    }

    private static IEnumerable<Measurement<int>> Count(string folder) =>
        Directory.Exists(folder) ? [new(Directory.EnumerateFileSystemEntries(folder).Count())] : [];

    // "Max open files            1024                 524288               files"
    private static IEnumerable<Measurement<long>> FindMostDescriptors() =>
        File.Exists("/proc/self/limits")
        && File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) is { } line
        && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? [new(most)] : [];
}

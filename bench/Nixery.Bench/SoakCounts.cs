using System.Collections.Concurrent;
using System.Globalization;

namespace Nixery.Bench;

/// <summary>What the clients of a soak have seen, and how much memory the server had.</summary>
internal sealed class SoakCounts(string processFile)
{
    private const int Parts = 10;

    /// <summary>How much more the second half of a life may take than the first.</summary>
    private const double MostGrowth = 1.1;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The caches of a server are filled in some minutes: a shorter life says nothing of whether its memory grows.</summary>
    private static readonly TimeSpan LongLife = TimeSpan.FromMinutes(4);

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _digests = new(StringComparer.Ordinal);
    private readonly List<Look> _memory = [];
    private int _bad;

    /// <summary>A client reads it before a request and after it.</summary>
    public bool IsRestarting => FindProcess() is null;

    /// <summary>Nothing was wrong, something was asked, and the memory was seen and did not go on growing.</summary>
    public bool IsGood => _bad == 0 && !_counts.IsEmpty && _memory.Count > 0 && Lives.Where(IsLong).All(l => Growth(l) <= MostGrowth);

    /// <summary>What was seen of each process, in the order of the looks.</summary>
    private IEnumerable<Look[]> Lives => _memory.GroupBy(m => m.Process).Select(life => life.ToArray());

    public IEnumerable<(string What, string Figure)> Rows =>
    [
        .. _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, Number(c.Value))),
        ("**wrong**: digests, unannounced 5xx, answers that were not to be, connections lost without a restart", $"**{Number(_bad)}**"),
        .. Lives.Select((life, i) => ($"memory of the server, MiB, in tenths of its {(i == 0 ? "first" : "second")} life, the largest of each", Largest(life))),
        ($"**growth**: memory in the second half of each life, of that in the first; {MostGrowth.ToString(CultureInfo.InvariantCulture)} at most in one of 4 minutes", string.Join(' ', Lives.Select(l => Growth(l).ToString("0.00", CultureInfo.InvariantCulture)))),
    ];

    public void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    public void CountBad(string what)
    {
        Interlocked.Increment(ref _bad);
        Count($"**wrong**: {what}");
    }

    /// <summary>The same name gives the same image as long as its packages stay, whoever asks and whichever server answers.</summary>
    public bool IsSameAsBefore(string image, string digest) => _digests.GetOrAdd(image, digest) == digest;

    public async Task WatchMemoryAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (FindProcess() is { } process && FindMemory(process) is { } bytes)
            {
                _memory.Add(new Look(process, bytes, TimeProvider.System.GetTimestamp()));
            }

            await Task.Delay(LookEvery, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int? FindProcess()
    {
        try
        {
            return int.TryParse(File.ReadAllText(processFile), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (IOException)
        {
            // It is being written.
            return null;
        }
    }

    // "VmRSS:     98304 kB"
    private static long? FindMemory(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsLong(Look[] life) => TimeProvider.System.GetElapsedTime(life[0].At, life[^1].At) >= LongLife;

    private static double Growth(Look[] life) => life.Length < 2 ? 1 : (double)Most(life[(life.Length / 2)..]) / Most(life[..(life.Length / 2)]);

    private static string Largest(Look[] life) => string.Join(
        ' ', life.Chunk((life.Length + Parts - 1) / Parts).Select(part => Number((int)(Most(part) / 1024 / 1024))));

    private static long Most(Look[] looks) => looks.Max(l => l.Bytes);

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <param name="At">A timestamp of the clock that does not jump.</param>
    private readonly record struct Look(int Process, long Bytes, long At);
}

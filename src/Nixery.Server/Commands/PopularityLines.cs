using Nixery.Pulls;
using Nixery.Tables;

namespace Nixery.Server.Commands;

/// <summary>How far <c>nixery popularity</c> is, line by line, for work that goes on at several places at once.</summary>
internal static class PopularityLines
{
    public static IProgress<TableProgress> OfPackages(TextWriter output) => new PackageLines(output);

    public static IProgress<CrawlProgress> OfPaths(TextWriter output) => new PathLines(output);

    /// <summary>A line for each that is left out, and now and then how far it is.</summary>
    private sealed class PackageLines(TextWriter output) : IProgress<TableProgress>
    {
        private readonly Lock _gate = new();

        public void Report(TableProgress value)
        {
            lock (_gate)
            {
                if (value.Problem is { } problem)
                {
                    output.WriteLine($"left out: {problem}");
                }

                if (value.Of > 0 && (value.Done % 25 == 0 || value.Done == value.Of))
                {
                    output.WriteLine($"{value.Done} of {value.Of} packages");
                }
            }
        }
    }

    private sealed class PathLines(TextWriter output) : IProgress<CrawlProgress>
    {
        private readonly Lock _gate = new();

        public void Report(CrawlProgress value)
        {
            lock (_gate)
            {
                if (value.Problem is { } problem)
                {
                    output.WriteLine($"left out: {problem}");
                    return;
                }

                output.WriteLine($"{value.Done} of {value.Of} store paths, {value.Missing} of them not in the cache");
            }
        }
    }
}

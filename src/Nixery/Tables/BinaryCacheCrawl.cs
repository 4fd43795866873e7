using System.Collections.Concurrent;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tables;

/// <summary>How far a crawl is.</summary>
/// <param name="Done">Paths that are known, or known not to be there.</param>
/// <param name="Of">Paths that are known of so far: the list, and what those refer to.</param>
/// <param name="Missing">Of those done, what the cache does not have or tells nonsense of.</param>
/// <param name="Problem">Why the last one is left out, where it is by no fault of the list; null when it is not.</param>
public sealed record CrawlProgress(int Done, int Of, int Missing, string? Problem);

/// <summary>
/// Makes a table of a binary cache: the list of a channel's store paths (releases.nixos.org has one beside each release), and a small file
/// about each path from the cache. What those refer to is looked up too, so that the graph is whole.
/// </summary>
public sealed class BinaryCacheCrawl(HttpClient http, TimeProvider time)
{
    /// <summary>The longest store path has 255.</summary>
    private const int LongestLine = 300;

    private const int ProgressEvery = 500;

    private static readonly TimeSpan ListLimit = TimeSpan.FromMinutes(2);

    /// <summary>What every image has, and what <c>shell</c> stands for, as nixpkgs calls them in the store.</summary>
    private static readonly HashSet<string> EveryImage = new(StringComparer.Ordinal)
    {
        "nss-cacert", "iana-etc", "bash-interactive", "coreutils", "moreutils", "nano",
    };

    /// <summary>What the cache says of the paths of a list and of all that they refer to, however far.</summary>
    /// <param name="list">As <see cref="ReadListAsync"/> has read it.</param>
    /// <param name="cache">The binary cache.</param>
    /// <param name="atOnce">How many questions are asked at a time.</param>
    /// <param name="journal">A file in which the crawl keeps what it knows, to go on from when it was interrupted.</param>
    /// <exception cref="BinaryCacheException">The cache does not answer.</exception>
    public async Task<IReadOnlyList<ClosureNode>> ReadAsync(
        IReadOnlyList<StorePath> list, Uri cache, int atOnce, string journal, IProgress<CrawlProgress> progress, CancellationToken cancellationToken)
    {
        var asked = new BinaryCache(cache, http, time);
        using var book = await CrawlJournal.OpenAsync(journal, cache, cancellationToken);
        var known = new ConcurrentDictionary<StorePath, ClosureNode?>(book.Known.Select(k => KeyValuePair.Create(k.Key, (ClosureNode?)k.Value)));
        var all = new HashSet<StorePath>();
        // Each round asks for what the round before has referred to.
        for (List<StorePath> round = [.. list.Where(all.Add)]; round.Count > 0; round = Next(round))
        {
            await Parallel.ForEachAsync(
                round.Where(p => !known.ContainsKey(p)),
                new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
                async (path, token) =>
                {
                    var (node, problem) = await asked.FindAsync(path, token);
                    known[path] = node;
                    if (node is not null)
                    {
                        book.Add(node);
                    }

                    if (problem is not null || known.Count % ProgressEvery == 0)
                    {
                        progress.Report(new CrawlProgress(known.Count, Math.Max(known.Count, all.Count), known.Values.Count(n => n is null), problem));
                    }
                });
        }

        progress.Report(new CrawlProgress(all.Count, all.Count, all.Count(p => known[p] is null), null));
        return [.. all.Select(p => known[p]).OfType<ClosureNode>()];

        List<StorePath> Next(IEnumerable<StorePath> round) =>
            [.. round.Select(p => known[p]).OfType<ClosureNode>().SelectMany(n => n.References).Where(all.Add)];
    }

    /// <param name="place">A file or an http(s) address: one store path a line, plain or gzip.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or a line is no store path; the message is free of secrets.</exception>
    public async Task<IReadOnlyList<StorePath>> ReadListAsync(string place, CancellationToken cancellationToken)
    {
        var (content, problem) = await new PlaceReader(http, time).ReadAsync("list", place, ListLimit, cancellationToken);
        using var lines = new StreamReader(new MemoryStream(content ?? throw new InvalidDataException(problem)));
        var paths = new List<StorePath>();
        while (lines.ReadLine() is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (line.Length > LongestLine || !StorePath.TryParse(line, out var path))
            {
                throw new InvalidDataException(
                    $"line {paths.Count + 1} of the list is no store path (is it compressed? gzip can be read, xz cannot: xz -d)");
            }

            paths.Add(path);
        }

        return paths;
    }

    /// <summary>The table of what was read; the names of the list are what somebody may ask for.</summary>
    public static HintTable TableOf(IReadOnlyList<ClosureNode> nodes, IReadOnlyList<StorePath> list, LayerOptions options) =>
        new HintTableBuilder(nodes, options.WastePerLayerBytes).FromGraph(list, nodes.Select(n => n.Path).Where(IsInEveryImage));

    private static bool IsInEveryImage(StorePath path) => EveryImage.Contains(PackageKey.Of(path.Name));
}

using System.Collections.Concurrent;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tables;

/// <summary>How far a crawl is.</summary>
/// <param name="Done">Paths that are known, or known not to be there.</param>
/// <param name="Of">Paths that are known of so far: the list, and what those refer to.</param>
/// <param name="Missing">Of those done, what the cache does not have.</param>
public sealed record CrawlProgress(int Done, int Of, int Missing);

/// <summary>
/// Makes a table of a binary cache: the list of a channel's store paths (releases.nixos.org has one beside each release), and a small file
/// about each path from the cache. What those refer to is looked up too, so that the graph is whole.
/// </summary>
public sealed class BinaryCacheCrawl(HttpClient http, TimeProvider time)
{
    /// <summary>nixpkgs has a hundred thousand; the rest is what somebody made too large.</summary>
    private const int MostPaths = 2_000_000;

    private const int ProgressEvery = 500;

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
        using var book = await CrawlJournal.OpenAsync(journal, cancellationToken);
        var known = new ConcurrentDictionary<StorePath, ClosureNode?>(book.Known);
        var all = new HashSet<StorePath>();
        // Each round asks for what the round before has referred to.
        for (List<StorePath> round = [.. list.Where(all.Add)]; round.Count > 0; round = Next(round))
        {
            await Parallel.ForEachAsync(
                round.Where(p => !known.ContainsKey(p)),
                new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
                async (path, token) =>
                {
                    var node = await asked.FindAsync(path, token);
                    known[path] = node;
                    book.Add(path, node);
                    if (known.Count % ProgressEvery == 0)
                    {
                        progress.Report(new CrawlProgress(known.Count, Math.Max(known.Count, all.Count), known.Values.Count(n => n is null)));
                    }
                });
        }

        progress.Report(new CrawlProgress(all.Count, all.Count, all.Count(p => known[p] is null)));
        return [.. all.Select(p => known[p]).OfType<ClosureNode>()];

        List<StorePath> Next(IEnumerable<StorePath> round) =>
            [.. round.Select(p => known[p]).OfType<ClosureNode>().SelectMany(n => n.References).Where(all.Add)];
    }

    /// <param name="place">A file or an http(s) address: one store path a line, plain or gzip.</param>
    /// <exception cref="InvalidDataException">A line is no store path, or there are too many.</exception>
    /// <exception cref="HttpRequestException">The address does not answer with the list.</exception>
    public async Task<IReadOnlyList<StorePath>> ReadListAsync(string place, CancellationToken cancellationToken)
    {
        await using var source = TableReader.IsAddress(place) ? await http.GetStreamAsync(new Uri(place), cancellationToken) : File.OpenRead(place);
        await using var plain = await GzipOrPlain.OpenAsync(source, cancellationToken);
        using var lines = new StreamReader(plain);
        var paths = new List<StorePath>();
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (!StorePath.TryParse(line, out var path) || paths.Count == MostPaths)
            {
                throw new InvalidDataException(
                    $"line {paths.Count + 1} of the list is no store path (is it compressed? gzip can be read, xz cannot: xz -d), or there are more than {MostPaths}");
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

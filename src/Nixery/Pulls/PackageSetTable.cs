using System.Collections.Concurrent;
using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Packing;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>How far the making of a table is.</summary>
/// <param name="Done">Packages whose closures are known.</param>
/// <param name="Of">All packages; 0 while that is not known.</param>
/// <param name="Problem">Why the last one is left out; null when it is not.</param>
public sealed record TableProgress(int Done, int Of, string? Problem);

/// <summary>How the making of a table ended: a table, or one sentence, or a table that lacks what the sentence says.</summary>
public sealed record TableResult(HintTable? Table, string? Problem);

/// <summary>
/// Makes a table of a package set: each package is evaluated, built or fetched, and its closure read. What the registry remembers is not
/// asked again, so an interrupted one goes on where it was; and what is learned of the packages, later pulls find.
/// </summary>
public sealed class PackageSetTable
{
    private readonly PackageIndex _index;
    private readonly OutputRealiser _realiser;
    private readonly OutputMemory _memory;
    private readonly LayerOptions _options;

    internal PackageSetTable(PackageIndex index, OutputRealiser realiser, OutputMemory memory, LayerOptions options)
    {
        _index = index;
        _realiser = realiser;
        _memory = memory;
        _options = options;
    }

    /// <param name="names">Which packages; none for all names at the top of the set.</param>
    /// <param name="atOnce">How many are built at a time.</param>
    public async Task<TableResult> MakeAsync(
        string set, Tag tag, Platform platform, IReadOnlyList<PackageName> names, int atOnce, IProgress<TableProgress> progress, CancellationToken cancellationToken)
    {
        var packages = new List<(PinnedSource Source, PackageAnswer.Available Answer)>();
        var lacking = new List<string>();
        var index = await _index.RunAsync(set, tag, platform, names, Sort, cancellationToken);
        if (index.Problem is { } problem)
        {
            return new TableResult(null, problem);
        }

        var nodes = new ConcurrentDictionary<StorePath, ClosureNode>();
        var (done, broken) = (0, new ConcurrentQueue<string>());
        await Parallel.ForEachAsync(
            packages,
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (package, token) =>
            {
                var left = broken.IsEmpty ? await AddAsync(package.Source, platform, package.Answer, nodes, broken, token) : null;
                progress.Report(new TableProgress(Interlocked.Increment(ref done), packages.Count, left));
            });
        return broken.TryDequeue(out var trouble) ? new TableResult(null, trouble)
            : nodes.IsEmpty ? new TableResult(null, "no package of the set could be had")
            : new TableResult(TableOf(nodes.Values, [.. packages.Select(p => p.Answer)]), Lack());

        void Sort(PinnedSource source, IReadOnlyList<PackageAnswer> answers, IndexProgress _)
        {
            packages.AddRange(answers.OfType<PackageAnswer.Available>().Select(a => (source, a)));
            foreach (var answer in answers.Where(a => a is not PackageAnswer.Available))
            {
                lacking.Add(answer.Name.Text);
                progress.Report(new TableProgress(0, 0, answer is PackageAnswer.Refused refused ? refused.Explanation : $"{answer.Name}: there is no such package"));
            }
        }

        // Of a whole set some packages cannot ever be had.
        string? Lack() => names.Count > 0 && lacking.Count > 0 ? $"the table lacks {string.Join(", ", lacking)}" : null;
    }

    private HintTable TableOf(IEnumerable<ClosureNode> nodes, IReadOnlyList<PackageAnswer.Available> packages)
    {
        // What every image has; and the shell, which nearly every one has that people work in.
        var everywhere = MetaPackages.Base.Concat(MetaPackages.Presets[MetaPackages.Shell]).ToHashSet();
        return new HintTableBuilder(nodes, _options.WastePerLayerBytes).FromGraph(
            packages.SelectMany(OutputsOf), packages.Where(p => everywhere.Contains(p.Name)).SelectMany(OutputsOf));
    }

    /// <summary>Why the package is left out, or null; what keeps all of them from being had goes to <paramref name="broken"/>.</summary>
    private async Task<string?> AddAsync(
        PinnedSource source,
        Platform platform,
        PackageAnswer.Available package,
        ConcurrentDictionary<StorePath, ClosureNode> nodes,
        ConcurrentQueue<string> broken,
        CancellationToken cancellationToken)
    {
        var outcome = await FindOrRealiseAsync(source, platform, package, nodes, cancellationToken);
        if (outcome is RealisationOutcome.Unavailable unavailable)
        {
            broken.Enqueue(unavailable.Explanation);
        }

        return outcome switch
        {
            null or RealisationOutcome.Unavailable => null,
            RealisationOutcome.Failed failed => $"{package.Name}: {failed.Explanation}",
            RealisationOutcome.NotInCaches missing => $"{package.Name}: {missing.Explanation}",
            RealisationOutcome.TimedOut timedOut => $"{package.Name}: it was not built within {timedOut.Limit}",
            _ => $"{package.Name}: it could not be built now",
        };
    }

    /// <summary>Null when its closure is in <paramref name="nodes"/>, else why not.</summary>
    private async Task<RealisationOutcome?> FindOrRealiseAsync(
        PinnedSource source,
        Platform platform,
        PackageAnswer.Available package,
        ConcurrentDictionary<StorePath, ClosureNode> nodes,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(OutputsOf(package), cancellationToken) is { } known)
        {
            Add(known);
            return null;
        }

        try
        {
            var outcome = await _realiser.RealiseAsync(source, platform, [package.Name], [package.Package], cancellationToken);
            if (outcome is not ContentOutcome.Held held)
            {
                return ((ContentOutcome.NotRealised)outcome).Outcome;
            }

            await using (held.Realisation)
            {
                Add(held.Content.Closure.Nodes);
                return null;
            }
        }
        catch (UnpackableException e)
        {
            return new RealisationOutcome.Failed(null, ImageContents.Unpackable(e));
        }

        void Add(IEnumerable<ClosureNode> closure)
        {
            foreach (var node in closure)
            {
                nodes.TryAdd(node.Path, node);
            }
        }
    }

    private async Task<IReadOnlyList<ClosureNode>?> FindAsync(IEnumerable<StorePath> outputs, CancellationToken cancellationToken)
    {
        var nodes = new List<ClosureNode>();
        foreach (var output in outputs)
        {
            if (await _memory.FindClosureAsync(output, cancellationToken) is not { } closure)
            {
                return null;
            }

            nodes.AddRange(closure);
        }

        return nodes;
    }

    private static IEnumerable<StorePath> OutputsOf(PackageAnswer.Available package) => package.Package.Outputs.Select(o => o.Path);
}

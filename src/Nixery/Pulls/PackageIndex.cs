using System.Diagnostics;
using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>How far an index is.</summary>
/// <param name="Done">Names that were looked at, with those known before.</param>
/// <param name="Of">All names.</param>
/// <param name="Available">Of those done, the packages that can be had.</param>
public sealed record IndexProgress(int Done, int Of, int Available);

/// <summary>Is told each batch of an index: where it is from, what was said of its names, and how far the index is.</summary>
internal delegate void IndexBatch(PinnedSource source, IReadOnlyList<PackageAnswer> answers, IndexProgress progress);

/// <summary>How an index ended: null for well, else one sentence.</summary>
public sealed record IndexResult(string? Problem);

/// <summary>
/// Evaluates many packages of a pin ahead of the pulls that ask for them, so that those need no evaluation. What is known
/// already is not asked again, so an index that was interrupted goes on where it was.
/// </summary>
public sealed class PackageIndex
{
    /// <summary>
    /// One evaluation of nixpkgs takes seconds before the first package and gigabytes after a few thousand; a fault that Nix
    /// cannot catch has the batch evaluated in halves.
    /// </summary>
    private const int BatchSize = 100;

    private readonly PackageSets _sets;
    private readonly IImageBuilder _builder;
    private readonly PackageMemory _packages;

    internal PackageIndex(PackageSets sets, IImageBuilder builder, PackageMemory packages)
    {
        _sets = sets;
        _builder = builder;
        _packages = packages;
    }

    /// <param name="set">The name of a declared package set; empty for the default one.</param>
    /// <param name="names">What to evaluate; none for all names at the top of the set.</param>
    public async Task<IndexResult> RunAsync(
        string set, Tag tag, Platform platform, IReadOnlyList<PackageName> names, IProgress<IndexProgress> progress, CancellationToken cancellationToken) =>
        await RunAsync(set, tag, platform, names, (_, _, done) => progress.Report(done), cancellationToken);

    /// <summary>The same for one who wants the answers.</summary>
    internal async Task<IndexResult> RunAsync(
        string set, Tag tag, Platform platform, IReadOnlyList<PackageName> names, IndexBatch onBatch, CancellationToken cancellationToken)
    {
        if (_sets.Find(set) is not { Pinner: var pinner })
        {
            return new IndexResult($"there is no package set '{set}'");
        }

        return await pinner.PinAsync(tag, cancellationToken) switch
        {
            PinOutcome.Past past => new IndexResult(past.Explanation),
            PinOutcome.Pinned pinned => await RunAsync(pinned.Source, platform, names, onBatch, cancellationToken),
            PinOutcome.UnknownTag unknown => new IndexResult(unknown.Explanation),
            PinOutcome.Unavailable unavailable => new IndexResult(unavailable.Explanation),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<IndexResult> RunAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, IndexBatch onBatch, CancellationToken cancellationToken)
    {
        if (names.Count > 0)
        {
            return await EvaluateAsync(source, platform, names, onBatch, cancellationToken);
        }

        return await _builder.ListAsync(source, platform, cancellationToken) switch
        {
            ListingOutcome.Listed listed => await EvaluateAsync(source, platform, listed.Names, onBatch, cancellationToken),
            ListingOutcome.Unavailable unavailable => new IndexResult(unavailable.Explanation),
            ListingOutcome.Busy => new IndexResult("too many builds wait on this server"),
            ListingOutcome.TimedOut timedOut => new IndexResult($"Nix did not list the package set within {timedOut.Limit}"),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<IndexResult> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, IndexBatch onBatch, CancellationToken cancellationToken)
    {
        var (done, available) = (0, 0);
        foreach (var batch in names.Distinct().Chunk(BatchSize))
        {
            var outcome = await _packages.EvaluateAsync(source, platform, batch, cancellationToken);
            if (outcome is not EvaluationOutcome.Answered answered)
            {
                return new IndexResult(outcome is EvaluationOutcome.Unavailable unavailable
                    ? unavailable.Explanation
                    : $"Nix did not evaluate the packages from {batch[0]} to {batch[^1]} in time");
            }

            done += batch.Length;
            available += answered.Answers.OfType<PackageAnswer.Available>().Count();
            onBatch(source, answered.Answers, new IndexProgress(done, names.Distinct().Count(), available));
        }

        return new IndexResult(null);
    }
}

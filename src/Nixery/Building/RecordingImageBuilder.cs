using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>What went wrong lately, for the status page.</summary>
public interface IFailureLog
{
    /// <summary>The latest first.</summary>
    IReadOnlyList<RecentFailure> Recent { get; }
}

/// <param name="At">When.</param>
/// <param name="Packages">What was asked for, by name or by derivation.</param>
/// <param name="Explanation">The sentence that the client was told.</param>
public sealed record RecentFailure(DateTimeOffset At, string Packages, string Explanation);

/// <summary>Remembers the last failures of a builder; a package that does not exist or may not be had is none.</summary>
internal sealed class RecordingImageBuilder(IImageBuilder inner, TimeProvider time) : IImageBuilder, IFailureLog
{
    private const int Kept = 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<RecentFailure> _failures = [];

    public IReadOnlyList<RecentFailure> Recent
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures];
            }
        }
    }

    public async Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        var outcome = await inner.EvaluateAsync(source, platform, names, cancellationToken);
        Record(string.Join('/', names), outcome switch
        {
            EvaluationOutcome.Unavailable unavailable => unavailable.Explanation,
            EvaluationOutcome.TimedOut timedOut => $"the evaluation did not end within {timedOut.Limit}",
            _ => null,
        });
        return outcome;
    }

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        inner.ListAsync(source, platform, cancellationToken);

    public async Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken)
    {
        var outcome = await inner.RealiseAsync(packages, cancellationToken);
        Record(string.Join('/', packages.Select(p => p.NameAndVersion)), outcome switch
        {
            RealisationOutcome.Failed failed => failed.Explanation,
            RealisationOutcome.Unavailable unavailable => unavailable.Explanation,
            RealisationOutcome.TimedOut timedOut => $"the build did not end within {timedOut.Limit}",
            _ => null,
        });
        return outcome;
    }

    private void Record(string packages, string? explanation)
    {
        if (explanation is null)
        {
            return;
        }

        lock (_gate)
        {
            _failures.AddFirst(new RecentFailure(time.GetUtcNow(), packages, explanation));
            if (_failures.Count > Kept)
            {
                _failures.RemoveLast();
            }
        }
    }
}

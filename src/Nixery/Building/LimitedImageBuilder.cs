using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>
/// No more than <paramref name="limit"/> evaluations and realisations at a time, in order of arrival, and no more than
/// <paramref name="mostWaiting"/> that wait: Nix takes gigabytes to evaluate nixpkgs, and many at once would end the machine.
/// </summary>
internal sealed class LimitedImageBuilder(IImageBuilder inner, int limit, int mostWaiting) : IImageBuilder, IDisposable
{
    private readonly Turns _turns = new(limit, mostWaiting);

    /// <summary>Who runs and who waits.</summary>
    public Turns Turns => _turns;

    public Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.EvaluateAsync(source, platform, names, cancellationToken), new EvaluationOutcome.Busy(), cancellationToken);

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.ListAsync(source, platform, cancellationToken), new ListingOutcome.Busy(), cancellationToken);

    public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.RealiseAsync(packages, cancellationToken), new RealisationOutcome.Busy(), cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, T busy, CancellationToken cancellationToken)
    {
        if (!await _turns.TryEnterAsync(cancellationToken))
        {
            return busy;
        }

        try
        {
            return await work();
        }
        finally
        {
            _turns.Leave();
        }
    }
}

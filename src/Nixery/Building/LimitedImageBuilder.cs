using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>
/// No more than <paramref name="limit"/> evaluations and realisations at a time, in order of arrival, and no more than
/// <paramref name="mostWaiting"/> that wait: Nix takes gigabytes to evaluate nixpkgs, many at once would end the machine, and a queue
/// without end would have everybody wait for those who have left long since.
/// </summary>
internal sealed class LimitedImageBuilder(IImageBuilder inner, int limit, int mostWaiting) : IImageBuilder, IDisposable
{
    // Those who wait by WaitAsync alone are let in first come, first served.
    private readonly SemaphoreSlim _places = new(limit, limit);
    private int _waiting;

    public Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.EvaluateAsync(source, platform, names, cancellationToken), new EvaluationOutcome.Busy(), cancellationToken);

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.ListAsync(source, platform, cancellationToken), new ListingOutcome.Busy(), cancellationToken);

    public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.RealiseAsync(packages, cancellationToken), new RealisationOutcome.Busy(), cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, T busy, CancellationToken cancellationToken)
    {
        if (!await TryEnterAsync(cancellationToken))
        {
            return busy;
        }

        try
        {
            return await work();
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, cancellationToken))
        {
            return true;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > mostWaiting)
            {
                return false;
            }

            await _places.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}

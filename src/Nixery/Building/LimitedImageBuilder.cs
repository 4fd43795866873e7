using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>
/// No more than <paramref name="limit"/> evaluations and realisations at a time, in order of arrival. Nix takes gigabytes
/// to evaluate nixpkgs; many at once would end the machine.
/// </summary>
internal sealed class LimitedImageBuilder(IImageBuilder inner, int limit) : IImageBuilder, IDisposable
{
    // Those who wait by WaitAsync alone are let in first come, first served.
    private readonly SemaphoreSlim _places = new(limit, limit);

    public Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.EvaluateAsync(source, platform, names, cancellationToken), cancellationToken);

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.ListAsync(source, platform, cancellationToken), cancellationToken);

    public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
        InTurnAsync(() => inner.RealiseAsync(packages, cancellationToken), cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _places.Release();
        }
    }
}

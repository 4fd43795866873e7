using Nixery.Images;
using Nixery.Sight;
using Nixery.Sources;

namespace Nixery.Building;

/// <summary>Measures how long a builder takes, once it is its turn.</summary>
internal sealed class MeasuredImageBuilder(IImageBuilder inner) : IImageBuilder
{
    public async Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        using var stage = Stage.Evaluate();
        return await inner.EvaluateAsync(source, platform, names, cancellationToken);
    }

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        inner.ListAsync(source, platform, cancellationToken);

    public async Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken)
    {
        using var stage = Stage.Realise();
        return await inner.RealiseAsync(packages, cancellationToken);
    }
}

using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building.Nix;

/// <summary>Says it to Nix and reads its answer. Works with the commands of Nix 2.8 and of all later ones.</summary>
internal sealed class NixImageBuilder(NixProcess process, NixOptions options, TimeProvider time) : IImageBuilder
{
    private readonly NixRealiser _realiser = new(process, options, time);

    public async Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        if (SourceTrouble.Before(source) is { } trouble)
        {
            return new EvaluationOutcome.Unavailable(trouble);
        }

        var evaluator = new NixEvaluator(new NixQuestion(process, options, time, source, platform));
        return await evaluator.EvaluateAsync(names, cancellationToken);
    }

    public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
        _realiser.RealiseAsync(packages, cancellationToken);
}

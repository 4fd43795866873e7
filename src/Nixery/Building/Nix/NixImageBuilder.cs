using System.Diagnostics;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building.Nix;

/// <summary>Says it to Nix and reads its answer. Works with the commands of Nix 2.8 and of all later ones.</summary>
internal sealed class NixImageBuilder(NixProcess process, NixOptions options, TimeProvider time) : IImageBuilder
{
    private readonly NixRealiser _realiser = new(process, options, time);

    /// <summary>What was realised lately.</summary>
    public KeptRoots Kept => _realiser.Kept;

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

    public async Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        SourceTrouble.Before(source) is { } trouble
            ? new ListingOutcome.Unavailable(trouble)
            : await new NixQuestion(process, options, time, source, platform).AskForNamesAsync(cancellationToken) switch
            {
                NixReply.Answered answered => new ListingOutcome.Listed(Typed(answered.Reply.Siblings[""])),
                NixReply.Failed failed => new ListingOutcome.Unavailable(SourceTrouble.Of(failed.ErrorTail)),
                NixReply.Unusable unusable => new ListingOutcome.Unavailable(unusable.Explanation),
                NixReply.TimedOut late => new ListingOutcome.TimedOut(late.Limit),
                _ => throw new UnreachableException(),
            };

    public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
        _realiser.RealiseAsync(packages, cancellationToken);

    // An underscore before a digit is not typed; what is no name of an image's grammar cannot be.
    private static IReadOnlyList<PackageName> Typed(IEnumerable<string> attributes) =>
    [
        .. attributes.Select(a => a.ToLowerInvariant())
            .Select(a => a is ['_', >= '0' and <= '9', ..] ? a[1..] : a)
            .Distinct()
            .SelectMany(a => PackageName.TryParse(a, out var name) ? [name] : Array.Empty<PackageName>())
            .Order(),
    ];
}

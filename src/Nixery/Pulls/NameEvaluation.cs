using System.Diagnostics;
using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>Step 5 of a pull: the names of an image become its draft, where all of them can be had and the rules of this registry let them.</summary>
internal sealed class NameEvaluation(PackageMemory packages, ImagePolicy policy)
{
    /// <summary>Whether the names do not tell all that the rules ask.</summary>
    public bool IsNeededForStored => policy.LookIntoPackages;

    /// <summary>What the rules say against names alone; nothing is asked.</summary>
    public PullOutcome? FindRefusal(ImageRequest request) => policy.FindRefusal(request);

    /// <summary>Why an image cannot be built, as far as the names tell; null when they can all be had.</summary>
    public async Task<PullOutcome?> FindObstacleAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        policy.FindRefusal(request)
        ?? EndOf(await packages.EvaluateAsync(source, request.Platform, NamesOf(request), cancellationToken), request);

    public async Task<DraftOutcome> DraftAsync(ImageRequest request, PinnedSource source, ChosenTable table, CancellationToken cancellationToken)
    {
        if (policy.FindRefusal(request) is { } refusal)
        {
            return new DraftOutcome.Ended(refusal);
        }

        var names = NamesOf(request);
        var evaluation = await packages.EvaluateAsync(source, request.Platform, names, cancellationToken);
        return EndOf(evaluation, request) is { } ending
            ? new DraftOutcome.Ended(ending)
            : new DraftOutcome.Drafted(new ImageDraft(request, source, names, (EvaluationOutcome.Answered)evaluation, table));
    }

    private static List<PackageName> NamesOf(ImageRequest request) => [.. request.Packages.Union(MetaPackages.Base).Order()];

    /// <summary>Null when all that was asked for can be had.</summary>
    private PullOutcome? EndOf(EvaluationOutcome outcome, ImageRequest request) => outcome switch
    {
        EvaluationOutcome.Answered answered => FindRefusal(answered.Answers, request) ?? policy.FindRefusal(request, answered.Answers),
        EvaluationOutcome.Unavailable unavailable => new PullOutcome.Unavailable(unavailable.Explanation),
        EvaluationOutcome.Busy => new PullOutcome.Busy(),
        EvaluationOutcome.TimedOut timedOut => new PullOutcome.BuildTimedOut(timedOut.Limit),
        _ => throw new UnreachableException(),
    };

    /// <summary>What every image has is left out where the package set has it not: a company's own set need not have certificates.</summary>
    private static PullOutcome? FindRefusal(IReadOnlyList<PackageAnswer> answers, ImageRequest request)
    {
        var asked = answers.Where(a => request.Packages.Contains(a.Name)).ToList();
        if (asked.OfType<PackageAnswer.NotFound>().ToList() is { Count: > 0 } missing)
        {
            return new PullOutcome.PackagesNotFound(
                missing, [.. request.Presets.Where(p => MetaPackages.Presets[p].Intersect(missing.Select(m => m.Name)).Any())]);
        }

        // A package of every image that is there and cannot be had is not left out: the image would lack it for ever.
        return answers.OfType<PackageAnswer.Refused>().ToList() is { Count: > 0 } refused ? new PullOutcome.PackagesRefused(refused) : null;
    }
}

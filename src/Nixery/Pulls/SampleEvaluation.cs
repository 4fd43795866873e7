using System.Diagnostics;
using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>
/// Evaluates a sample of a pin's packages. It catches what has taken registries down before: a nixpkgs that is too new for this
/// Nix, a package set that does not parse.
/// </summary>
internal static class SampleEvaluation
{
    public static async Task<string?> FindProblemAsync(
        IImageBuilder builder, PinnedSource source, IReadOnlyList<PackageName> names, CancellationToken cancellationToken) =>
        await builder.EvaluateAsync(source, Platform.Amd64, names, cancellationToken) switch
        {
            EvaluationOutcome.Answered answered => answered.Answers.Select(ProblemOf).FirstOrDefault(p => p is not null),
            EvaluationOutcome.Unavailable unavailable => unavailable.Explanation,
            EvaluationOutcome.Busy => "too many builds wait on this server",
            EvaluationOutcome.TimedOut timedOut => $"the evaluation of {string.Join(", ", names)} did not end within {timedOut.Limit}",
            _ => throw new UnreachableException(),
        };

    private static string? ProblemOf(PackageAnswer answer) => answer switch
    {
        PackageAnswer.Available => null,
        PackageAnswer.NotFound missing => $"there is no {missing.Name}",
        PackageAnswer.Refused refused => refused.Explanation,
        _ => throw new UnreachableException(),
    };
}

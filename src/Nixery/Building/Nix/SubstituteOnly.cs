using System.Text.RegularExpressions;

namespace Nixery.Building.Nix;

/// <summary>
/// What Nix is told where nothing may be built here, and how it says that something would have to be. Asked beforehand, so that the answer
/// names it; and forbidden all the same, since Nix lists what it fetches before what it builds in output of which we keep the end.
/// </summary>
internal static partial class SubstituteOnly
{
    private const int MostNamed = 5;

    /// <summary>
    /// Of evaluations too: some package sets import what a build makes. Many small packages forbid that they are fetched, for they are built
    /// as fast; newer versions of Nix can be told to fetch them all the same, and older ones only warn of a setting that they do not know.
    /// </summary>
    public static IReadOnlyList<string> Arguments { get; } =
        ["--option", "max-jobs", "0", "--option", "builders", "", "--option", "always-allow-substitutes", "true"];

    /// <summary>From what <c>--dry-run</c> printed; null where nothing has to be built.</summary>
    public static RealisationOutcome.NotInCaches? OfDryRun(string errorTail) =>
        WillBeBuilt().Match(errorTail) is { Success: true } match ? Of([.. match.Groups["name"].Captures.Select(c => c.Value)]) : null;

    /// <summary>From what a realisation printed that failed; null where it failed for another reason.</summary>
    public static RealisationOutcome.NotInCaches? OfFailure(string errorTail) => Forbidden().IsMatch(errorTail) ? OfDryRun(errorTail) ?? Of([]) : null;

    private static RealisationOutcome.NotInCaches Of(List<string> names)
    {
        // The last is what was asked for, those before are what it needs.
        names.Reverse();
        var more = names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "";
        var subject = names.Count == 0 ? "something that the packages need" : NixText.Sentence(string.Join(", ", names.Take(MostNamed)) + more);
        return new($"{subject} would have to be built, and this registry builds nothing: it has what binary caches have (Nixery:Nix:SubstituteOnly)");
    }

    [GeneratedRegex(@"^th(?:is|ese)[^\n]*derivations? will be built:\n(?:  /nix/store/[0-9a-z]{32}-(?<name>[^\n]+?)\.drv\n?)+", RegexOptions.Multiline)]
    private static partial Regex WillBeBuilt();

    [GeneratedRegex("unable to start any build|required system or feature not available|is required to build '", RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();
}

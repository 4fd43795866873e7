using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Nixery.Server.Versions;

/// <summary>Which revision of Nixery this is; written into the assembly by its build, which asks <c>scripts/revision</c>.</summary>
/// <param name="Text">As people are told it: <c>61-5656ae6f1c2d</c>; <c>unknown</c> when the build was not told.</param>
/// <param name="Number">Commits along first parents; null when the build could not count them.</param>
/// <param name="Commit">Its first twelve digits; null when the build knew of none.</param>
internal sealed partial record Revision(string Text, int? Number, string? Commit)
{
    public const string Unknown = "unknown";

    public static Revision Current { get; } = Parse(
        typeof(Revision).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Unknown);

    public static Revision Parse(string text) => Form().Match(text) is { Success: true } match
        ? new Revision(
            text,
            int.TryParse(match.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            match.Groups["commit"].Value)
        : new Revision(Unknown, null, null);

    // An archive's builder may say its own name for the commit; it is hexadecimal digits in any case.
    [GeneratedRegex("^(?<number>[1-9][0-9]{0,8}|unknown)-(?<commit>[0-9a-f]{7,40})(-changed)?$")]
    private static partial Regex Form();
}

using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Server.Access.Rules;

/// <summary>
/// Image names that a rule is for: an image name in which <c>*</c> may stand for anything within a package's name. It covers the images of
/// its package set whose every package is covered by one of its components, so that order, presets, platform and repetition, which change
/// nothing of what is served, change nothing here. <c>**</c> alone is all images of all sets.
/// </summary>
internal sealed partial class NamePattern
{
    private const string Anything = "**";

    private readonly string? _set;
    private readonly IReadOnlyList<string> _packages;

    private NamePattern(string text, string? set, IReadOnlyList<string> packages)
    {
        (Text, _set, _packages) = (text, set, packages);
    }

    /// <summary>All images of all package sets.</summary>
    public static NamePattern All { get; } = new(Anything, set: null, ["*"]);

    public string Text { get; }

    public bool IsAll => _set is null;

    /// <param name="sets">The names of the package sets that are configured.</param>
    public static bool TryParse(
        string text, IReadOnlyCollection<string> sets, [NotNullWhen(true)] out NamePattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = text == Anything ? All : null;
        problem = null;
        if (pattern is not null)
        {
            return true;
        }

        // Packages with capitals are found without them, in names as here.
        var components = text.ToLowerInvariant().Split('/');
        var set = sets.Contains(components[0]) ? components[0] : "";
        var packages = set.Length > 0 ? components[1..] : components;
        problem = ProblemOf(packages, set, sets);
        if (problem is null)
        {
            pattern = new NamePattern(text, set, [.. packages.SelectMany(Expand)]);
        }

        return pattern is not null;
    }

    public bool Covers(AskedImage image) =>
        _set is null || (_set == image.Set && image.Packages.All(p => _packages.Any(glob => Wildcard.Matches(glob, p.Text))));

    public override string ToString() => Text;

    private static string? ProblemOf(string[] packages, string set, IReadOnlyCollection<string> sets) => packages switch
    {
        [] => $"'{set}' is a package set, and names no package; {set}/* is all of it",
        _ when packages.FirstOrDefault(p => !Grammar().IsMatch(p)) is { } wrong =>
            $"'{wrong}' is no package; it is one as in an image's name, with * for anything within it, and ** stands alone or at the end",
        _ when packages.FirstOrDefault(MetaPackages.Platforms.ContainsKey) is { } platform => $"'{platform}' is a platform, and a rule is for all of them",
        _ when packages.SkipLast(1).Contains(Anything) => "** stands alone or at the end",
        // Of a set whose name has a slip this would else be all packages of the default one.
        [_, _, ..] when packages.Any(p => p is "*" or Anything) =>
            $"'{packages[0]}' is no package set, and beside * no package needs to be named; the sets are: {(sets.Count == 0 ? "none" : string.Join(", ", sets))}",
        _ => null,
    };

    private static IEnumerable<string> Expand(string component) =>
        component == Anything ? ["*"]
        : MetaPackages.Presets.TryGetValue(component, out var packages) ? packages.Select(p => p.Text)
        : [component];

    [GeneratedRegex(@"\A(\*\*|(?!.*\*\*)[a-z0-9*][a-z0-9._*-]*)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}

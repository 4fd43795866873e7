using System.Text.RegularExpressions;
using Nixery.Building;
using Nixery.Images;

namespace Nixery.Pulls;

/// <summary>
/// Which packages may be in images. An allowed one is meant by its whole name, as it is typed; a denied one by any part of its name, by its
/// place in the package set and by the name of its derivation, so that it cannot be had by another way.
/// </summary>
internal sealed partial class PackageRules(PolicyOptions policy)
{
    private readonly Pattern[] _allowed = Patterns(policy.AllowPackages);
    private readonly Pattern[] _denied = Patterns(policy.DenyPackages);
    private readonly Pattern[] _allowedLicences = Patterns(policy.AllowLicences);
    private readonly Pattern[] _deniedLicences = Patterns(policy.DenyLicences);

    /// <summary>Whether names alone do not tell.</summary>
    public bool LookIntoPackages => _denied.Length + _allowedLicences.Length + _deniedLicences.Length > 0;

    /// <summary>One sentence that says why not; null where nothing is said against the name.</summary>
    public string? FindProblem(PackageName name) =>
        FindIn(_denied, PartsOf(name.Text)) is { } denied ? Denied(name, denied)
        : _allowed.Length > 0 && FindIn(_allowed, [name.Text]) is null
            ? $"{name} is not among the packages that this registry allows (Nixery:Policy:AllowPackages)"
            : null;

    /// <summary>The same of a package whose name is allowed.</summary>
    public string? FindProblem(PackageName name, Package package)
    {
        var derivation = Version().Replace(package.NameAndVersion, "");
        if (FindIn(_denied, [.. PartsOf(package.AttributePath), package.NameAndVersion, derivation]) is { } denied)
        {
            return Denied(name, denied);
        }

        if (FindIn(_deniedLicences, package.Licences) is { } licence)
        {
            return $"{name} has a licence that this registry does not allow ({licence}, Nixery:Policy:DenyLicences)";
        }

        if (_allowedLicences.Length == 0)
        {
            return null;
        }

        var others = package.Licences.Where(l => FindIn(_allowedLicences, [l]) is null).ToList();
        return package.Licences.Count == 0 ? $"{name} says no licence, and this registry allows some alone (Nixery:Policy:AllowLicences)"
            : others.Count > 0 ? $"{name} has a licence that is not among those that this registry allows ({string.Join(", ", others)}; Nixery:Policy:AllowLicences)"
            : null;
    }

    private static string Denied(PackageName name, string pattern) => $"{name} is a package that this registry does not allow ('{pattern}' of Nixery:Policy:DenyPackages)";

    private static IEnumerable<string> PartsOf(string name) => name.Split('.').Append(name);

    private static string? FindIn(Pattern[] patterns, IEnumerable<string> texts) =>
        patterns.Length == 0 ? null : Array.Find(patterns, p => texts.Any(p.Means))?.Text;

    private static Pattern[] Patterns(IReadOnlyList<string> texts) => [.. texts.Select(t => new Pattern(t))];

    // As Nix parts a name: the version begins behind the first dash that no letter follows.
    [GeneratedRegex("-[^A-Za-z].*$", RegexOptions.Singleline)]
    private static partial Regex Version();

    private sealed class Pattern(string text)
    {
        private readonly Regex _regex = new(
            $@"\A{Regex.Escape(text).Replace(@"\*", ".*", StringComparison.Ordinal)}\z",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

        public string Text => text;

        public bool Means(string name) => _regex.IsMatch(name);
    }
}

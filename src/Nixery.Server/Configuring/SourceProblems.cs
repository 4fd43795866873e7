using System.Text.RegularExpressions;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Server.Configuring;

/// <summary>What is wrong with the settings of package sources, one sentence each.</summary>
internal static partial class SourceProblems
{
    public static IEnumerable<string> Of(SourceOptions source, IReadOnlyDictionary<string, SourceOptions> sets)
    {
        var conflict = source.FindConflict() is { } several ? new[] { several } : [];
        return [.. conflict, .. OfOne("Nixery:Source", source), .. sets.SelectMany(s => OfNamed(s.Key, s.Value))];
    }

    private static IEnumerable<string> OfNamed(string name, SourceOptions set)
    {
        var at = $"Nixery:Sets:{name}";
        if (!PackageName.TryParse(name, out _))
        {
            yield return $"{at} has a name that no image name can begin with; it is of a-z and 0-9 with single '.', '_', '__' or '-' between";
        }

        if (MetaPackages.Presets.ContainsKey(name) || MetaPackages.Platforms.ContainsKey(name))
        {
            yield return $"{at} has a name that means something in image names already; give it another";
        }

        if (new[] { set.Channel, set.Git, set.Path }.Count(s => s is not null) != 1)
        {
            yield return $"{at} needs exactly one of {at}:Channel, {at}:Git and {at}:Path";
        }

        foreach (var problem in OfOne(at, set))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> OfOne(string at, SourceOptions source)
    {
        if (source.AllowedTags.Count > 0 && (source.Git is not null || source.Path is not null))
        {
            yield return $"{at}:AllowedTags is for a channel alone; a git repository has all its tags, branches and commits, a folder none";
        }

        foreach (var pattern in source.AllowedTags.Where(t => !Pattern().IsMatch(t)))
        {
            yield return $"{at}:AllowedTags has '{pattern}'; it is a channel, with * for anything, or '{SourceOptions.AnyCommit}'";
        }

        foreach (var name in source.TryFirst.Where(n => !PackageName.TryParse(n, out _)))
        {
            yield return $"{at}:TryFirst has '{name}'; it is a package as in an image's name, in lower case";
        }

        foreach (var overlay in source.Overlays.Where(o => !Path.IsPathFullyQualified(o) || !(File.Exists(o) || File.Exists(Path.Combine(o, "default.nix")))))
        {
            yield return $"{at}:Overlays has '{overlay}'; it is the whole path of a .nix file, or of a folder with a default.nix";
        }

        if (source.LookUpTimeout <= TimeSpan.Zero || source.LookUpTimeout > TimeSpan.FromHours(1))
        {
            yield return $"{at}:LookUpTimeout is {source.LookUpTimeout}; it is a time above zero and of an hour at most, as 00:00:10";
        }

        if (source.PinFor < TimeSpan.Zero || source.UnknownFor < TimeSpan.Zero)
        {
            yield return $"{at}:PinFor and {at}:UnknownFor are times, as 00:05:00, and not below zero";
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_*][A-Za-z0-9._*-]*\z")]
    private static partial Regex Pattern();
}

using System.IO.Enumeration;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Images that stay, by name: <c>shell/git</c> or, with <c>*</c> for anything, <c>team/*</c>. Of each name that is the image that was
/// made last, or else a channel that moves would fill the storage; with <c>:REVISION</c> it is the one of that revision.
/// </summary>
internal sealed class KeptNames(IReadOnlyList<string> patterns)
{
    /// <summary>What is wrong with a pattern, as the rest of a sentence; null for one that can match.</summary>
    public static string? ProblemOf(string pattern)
    {
        var (name, revision) = Split(pattern);
        return name.Length == 0 || revision?.Length == 0 || pattern.Any(c => char.IsWhiteSpace(c) || char.IsAsciiLetterUpper(c))
            ? "is an image's name as shell/git, in lower case, with * for anything, and :REVISION behind it for that one alone"
            : null;
    }

    public HashSet<ImageInStore> Among(IEnumerable<ImageInStore> images)
    {
        var named = images.Where(i => i.Image.Label is not null).ToList();
        return [.. patterns.Select(Split).SelectMany(p => Matching(named, p.Name, p.Revision))];
    }

    private static IEnumerable<ImageInStore> Matching(IReadOnlyList<ImageInStore> images, string pattern, string? revision)
    {
        var matching = images.Where(i => IsMatch(pattern, i.Image.Label!.Name));
        return revision is not null
            ? matching.Where(i => i.Image.Label!.Revision == revision)
            : matching.GroupBy(i => i.Image.Label!.Name, StringComparer.Ordinal).Select(g => g.MaxBy(i => i.Written)!);
    }

    /// <summary>The order of packages in a name says nothing.</summary>
    private static bool IsMatch(string pattern, string name) => pattern.Contains('*', StringComparison.Ordinal)
        ? FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)
        : pattern.Split('/').Order(StringComparer.Ordinal).SequenceEqual(name.Split('/').Order(StringComparer.Ordinal));

    private static (string Name, string? Revision) Split(string pattern)
    {
        var parts = pattern.Split(':', 2);
        return (parts[0], parts.ElementAtOrDefault(1));
    }
}

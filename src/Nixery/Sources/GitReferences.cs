using Nixery.Images;

namespace Nixery.Sources;

/// <summary>What a remote's HEAD, tags and branches are at one moment.</summary>
/// <param name="text">As <c>git ls-remote</c> printed it: lines of commit, tabulator, name.</param>
internal sealed class GitReferences(string text)
{
    /// <summary>The arguments that make git print it.</summary>
    public static readonly string[] Command = ["ls-remote", "--quiet", GitCommand.Remote, "HEAD", "refs/heads/*", "refs/tags/*"];

    private const string Peeled = "^{}";

    private readonly Dictionary<string, string> _commits = text.Split('\n').Select(l => l.Split('\t'))
        .Where(l => l.Length == 2 && CommitText.IsCommit(l[0])).DistinctBy(l => l[1]).ToDictionary(l => l[1], l => l[0], StringComparer.Ordinal);

    /// <summary>Two looks with the same text saw the same.</summary>
    public string Text => text;

    public string? Head => _commits.GetValueOrDefault("HEAD");

    /// <summary>A tag comes before a branch of the same name. What is written with <c>--</c> comes before what it may stand for.</summary>
    public string? Find(string name) => FindExactly(name) ?? FindExactly(name.Replace("--", "/", StringComparison.Ordinal));

    /// <summary>Branches and tags as they can be asked for: with <c>--</c> for <c>/</c>. What no tag of an image can be is left out.</summary>
    public IEnumerable<Tag> Tags() => _commits.Keys
        .Where(name => name != "HEAD" && !name.EndsWith(Peeled, StringComparison.Ordinal))
        .Select(name => name[(name.IndexOf('/', "refs/".Length) + 1)..].Replace("/", "--", StringComparison.Ordinal))
        .Select(name => Tag.TryParse(name, out var tag) ? tag : null)
        .OfType<Tag>()
        .Distinct();

    /// <summary>The commits at a reference that begin so: none, one, or several.</summary>
    public IReadOnlyList<string> WithPrefix(string prefix) =>
        [.. _commits.Where(c => !_commits.ContainsKey(c.Key + Peeled)).Select(c => c.Value).Where(c => c.StartsWith(prefix, StringComparison.Ordinal)).Distinct()];

    // The peeled name has the commit behind an annotated tag.
    private string? FindExactly(string name) => _commits.GetValueOrDefault($"refs/tags/{name}{Peeled}")
        ?? _commits.GetValueOrDefault($"refs/tags/{name}") ?? _commits.GetValueOrDefault($"refs/heads/{name}");
}

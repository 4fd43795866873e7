using System.Text.RegularExpressions;
using Nixery.Sources;

namespace Nixery.Building.Nix;

/// <summary>Says why a package set cannot be read, in a sentence for the client.</summary>
internal static partial class SourceTrouble
{
    /// <summary>What can be seen without Nix; null when nothing is wrong.</summary>
    public static string? Before(PinnedSource source) =>
        source is PinnedSource.Folder folder && !File.Exists(Path.Combine(folder.Path, "default.nix"))
            ? "the package set is not there: its folder on this server has no default.nix"
            : null;

    /// <summary>What Nix's error output says.</summary>
    public static string Of(string errorTail)
    {
        var error = NixText.LastError(errorTail);
        var needed = TooOld().Match(errorTail);
        if (needed.Success)
        {
            return $"the package set needs Nix {needed.Groups[1].Value} or newer, and this server has an older one";
        }

        var unreachable = Unreachable().Match(error);
        if (unreachable.Success)
        {
            return $"the package set cannot be downloaded: {NixText.Sentence(unreachable.Value)}";
        }

        if (GitFailed().IsMatch(errorTail))
        {
            return $"the package set's git repository cannot be read: {NixText.Sentence(GitSays(errorTail) ?? error)}";
        }

        return error.StartsWith("syntax error", StringComparison.Ordinal)
            ? $"the package set does not parse: {NixText.Sentence(error)}"
            : $"the package set cannot be evaluated: {NixText.Sentence(error)}";
    }

    /// <summary>What was downloaded is no whole archive.</summary>
    public static bool IsDamagedTarball(string errorTail) => Damaged().IsMatch(errorTail);

    private static string? GitSays(string errorTail) =>
        errorTail.Split('\n').LastOrDefault(l => l.StartsWith("fatal: ", StringComparison.Ordinal))?["fatal: ".Length..];

    [GeneratedRegex(@"(?:Nixpkgs requires Nix >= |nixVersion`? reports at least |requires (?:at least )?Nix (?:version )?>?=? ?)([0-9.]*[0-9])")]
    private static partial Regex TooOld();

    // libarchive's and gzip's words, as Nix 2.8 and 2.26 hand them on.
    [GeneratedRegex("[Tt]runcated|[Uu]nrecognized archive|[Ff]ailed to (open|extract|read) archive|gzip decompression failed|unexpected end of (file|archive)")]
    private static partial Regex Damaged();

    [GeneratedRegex("unable to download .*[^)]|^failed to (download|extract).*")]
    private static partial Regex Unreachable();

    [GeneratedRegex(@"program 'git' failed|^fatal: |Cannot find Git revision|executing 'git'", RegexOptions.Multiline)]
    private static partial Regex GitFailed();
}

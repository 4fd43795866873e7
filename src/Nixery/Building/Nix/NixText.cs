using System.Text.RegularExpressions;

namespace Nixery.Building.Nix;

/// <summary>
/// What Nix prints, made fit for a client: the error message without trace, colours, secrets and paths of this machine.
/// </summary>
internal static partial class NixText
{
    public const int MaxSentenceCharacters = 300;

    /// <summary>Takes user and password out of addresses, and all that follows a question mark: tokens and signatures have many names.</summary>
    public static string WithoutSecrets(string text) => text.Contains("://", StringComparison.Ordinal)
        ? Query().Replace(Credentials().Replace(text, "://"), "$1***")
        : text;

    /// <summary>An address that was configured, without user and password, whatever characters those are of.</summary>
    public static string WithoutUser(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = start < 3 ? -1 : address.IndexOf('/', start) is var slash and >= 0 ? slash : address.Length;
        var at = end < 0 ? -1 : address.LastIndexOf('@', end - 1, end - start);
        return WithoutSecrets(at < 0 ? address : address[..start] + address[(at + 1)..]);
    }

    /// <summary>
    /// The message of the last error. Nix 2.8 prints it first and the trace behind it, Nix 2.26 the trace first and a
    /// second <c>error:</c> at its end; so the last one with text is the one.
    /// </summary>
    public static string LastError(string errorTail)
    {
        var lines = Colours().Replace(errorTail, "").Split('\n');
        var start = Array.FindLastIndex(lines, l => Error().IsMatch(l));
        if (start < 0)
        {
            return lines.LastOrDefault(l => l.Trim().Length > 0)?.Trim() ?? "";
        }

        var message = lines.Skip(start + 1).TakeWhile(l => !Trace().IsMatch(l)).Select(l => l.Trim());
        return string.Join(' ', message.Prepend(Error().Replace(lines[start], ""))).Trim();
    }

    /// <summary>At most <see cref="MaxSentenceCharacters"/> on one line, store paths as the names in them, other paths left out.</summary>
    public static string Sentence(string text)
    {
        var plain = Aborted().Replace(Colours().Replace(text, ""), "$1");
        plain = Place().Replace(StorePathInText().Replace(plain, NameIn), "");
        plain = MachinePath().Replace(plain, "$1…");
        plain = Spaces().Replace(plain, " ").Trim();
        return plain.Length <= MaxSentenceCharacters ? plain : plain[..(MaxSentenceCharacters - 1)] + "…";
    }

    private static string NameIn(Match storePath)
    {
        var name = storePath.Groups[1].Value.TrimEnd('.');
        return name.EndsWith(".drv", StringComparison.Ordinal) ? name[..^".drv".Length] : name;
    }

    [GeneratedRegex(@"://[^/\s'""‘’]*@")]
    private static partial Regex Credentials();

    [GeneratedRegex(@"(://[^\s?'""‘’]*\?)[^\s'""‘’]+")]
    private static partial Regex Query();

    [GeneratedRegex(@"\x1b\[[0-9;?]*[a-zA-Z]|[\x00-\x08\x0b-\x1f]")]
    private static partial Regex Colours();

    [GeneratedRegex(@"^\s*error: (?=\s*\S)")]
    private static partial Regex Error();

    // What follows a message: an empty line, a place, lines of source, hints.
    [GeneratedRegex(@"^\s*$|^\s*at (/|«|\S+:\d)|^\s*\d*\||^\(use '--show-trace'|^\s*\(stack trace truncated|^\s*…")]
    private static partial Regex Trace();

    [GeneratedRegex(@"evaluation aborted with the following error message: ['‘](.*)['’]")]
    private static partial Regex Aborted();

    [GeneratedRegex(@"/nix/store/[0-9a-z]{32}-([0-9a-zA-Z+\-._?=]+)(?:/[^\s'""‘’,;]*)?")]
    private static partial Regex StorePathInText();

    [GeneratedRegex(@" (?:in|at) (?:file )?['‘""]?/[^\s'""‘’,;]+['’""]?")]
    private static partial Regex Place();

    [GeneratedRegex(@"(^|[\s'""‘’(=])/[^\s'""‘’,;)]+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

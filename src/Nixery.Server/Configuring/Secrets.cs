using System.Text.RegularExpressions;

namespace Nixery.Server.Configuring;

/// <summary>Takes out of settings what nobody may read over another's shoulder.</summary>
internal static partial class Secrets
{
    public const string Mask = "***";

    /// <param name="name">Of a setting or of a variable.</param>
    public static string? Hide(string name, string? value) => value is null ? null
        : IsSecret().IsMatch(LastOf(name)) ? Mask
        : InQuery().Replace(InLine().Replace(InAddress().Replace(value, $"$1{Mask}@"), $"$1{Mask}"), $"$1{Mask}");

    /// <summary>A name in an address or in Nix's own configuration may be of several words, so only the last part of ours counts.</summary>
    private static string LastOf(string name) => name[(name.LastIndexOf(':') + 1)..];

    // What ends in File, Path, Address or a time is none itself: it says where, or for how long.
    [GeneratedRegex("(?:secret|token|passw|credential|private|api_?key)(?!.*(?:files?|path|address|for|lifetime)$)", RegexOptions.IgnoreCase)]
    private static partial Regex IsSecret();

    // https://user:password@host; alone, a user's name at a web server is a token; ssh://git@host is not.
    [GeneratedRegex(@"(https?://|socks[45]?[ah]?://|[a-z0-9+.-]+://[^/\s:@]*:)[^/\s]+@", RegexOptions.IgnoreCase)]
    private static partial Regex InAddress();

    // A line of NIX_CONFIG: access-tokens = github.com=...
    [GeneratedRegex(@"^(\s*[\w-]*(?:secret|token|passw)[\w-]*\s*=\s*).+$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex InLine();

    [GeneratedRegex(@"([?&][^=&\s]*(?:secret|token|passw|signature|sig|key|credential)[^=&\s]*=)[^&\s]+", RegexOptions.IgnoreCase)]
    private static partial Regex InQuery();
}

using Nixery.Server.Access.Issuers;
using Nixery.Server.Access.Logins;
using Nixery.Server.Access.Rules;
using Nixery.Server.Configuring;

namespace Nixery.Server.Access;

/// <summary>What is wrong with the settings of access, one sentence each, and with the files that they name.</summary>
internal static class AccessProblems
{
    private const string At = "Nixery:Access";

    /// <summary>Clients take a token for good for a minute, whatever it says.</summary>
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(1);

    /// <param name="sets">The names of the package sets.</param>
    public static IEnumerable<string> Of(AccessOptions options, IReadOnlyCollection<string> sets) =>
    [
        .. OfFile("HtpasswdFile", options.HtpasswdFile, Users.Parse),
        .. OfFile("GroupsFile", options.GroupsFile, Groups.Parse),
        .. OfFile("TokensFile", options.TokensFile, StaticTokens.Parse),
        .. OfFile("TokenKeyFile", options.TokenKeyFile, SigningKeys.Parse),
        .. OfNumbers(options),
        .. options.Issuers.SelectMany(i => OfIssuer($"{At}:Issuers:{i.Key}", i.Key, i.Value)),
        .. options.Issuers.Values.GroupBy(i => i.Issuer, StringComparer.Ordinal).Where(g => g.Count() > 1 && g.Key.Length > 0)
            .Select(g => $"{At}:Issuers has '{g.Key}' twice"),
        .. options.Rules.SelectMany((rule, index) => OfRule($"{At}:Rules:{index}", rule, options, sets)),
        .. options.TrustedProxies.Where(n => !TrustedNetwork.TryParse(n, out _))
            .Select(n => $"{At}:TrustedProxies has '{n}'; it is a network as 10.0.0.0/8, or an address"),
    ];

    private static IEnumerable<string> OfNumbers(AccessOptions options)
    {
        if (options.TokenLifetime < ShortestLifetime || options.TokenLifetime > LongestLifetime)
        {
            yield return $"{At}:TokenLifetime is {options.TokenLifetime}; it is a time of a minute to a day, as 00:15:00";
        }

        if (options.MostFailedLogins < 1)
        {
            yield return $"{At}:MostFailedLogins is {options.MostFailedLogins}; it is a number above zero";
        }

        if (options.TokenAddress is { } address && !(address.IsAbsoluteUri && address.Scheme is "http" or "https"))
        {
            yield return $"{At}:TokenAddress is no address as https://registry.example.com/token";
        }
    }

    private static IEnumerable<string> OfFile<T>(string setting, string? path, Func<string, T> read)
    {
        try
        {
            _ = path is null ? default : read(SmallFile.ReadText(path));
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
        {
            return [$"{At}:{setting} is '{path}', and it cannot be used: {e.Message}"];
        }
    }

    private static IEnumerable<string> OfIssuer(string at, string name, IssuerOptions issuer)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            yield return $"{at} has a name that is not of letters, digits, '-', '_' and '.'";
        }

        if (!Uri.TryCreate(issuer.Issuer, UriKind.Absolute, out var address) || !(IssuerAddress.IsSafe(address) || issuer.KeysAddress is not null))
        {
            yield return $"{at}:Issuer is '{issuer.Issuer}'; it is what the tokens' iss says, an address as https://issuer.example.com";
        }

        if (issuer.Audience.Length == 0)
        {
            yield return $"{at}:Audience is missing: without it a token for any other place would be good here";
        }

        if (issuer.KeysAddress is { } keys && !(keys.IsAbsoluteUri && IssuerAddress.IsSafe(keys)))
        {
            yield return $"{at}:KeysAddress is no https address";
        }

        foreach (var (setting, file) in new[] { ("CaFile", issuer.CaFile), ("TokenFile", issuer.TokenFile) })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"{at}:{setting} is '{file}', and there is no such file";
            }
        }
    }

    private static IEnumerable<string> OfRule(string at, RuleOptions rule, AccessOptions options, IReadOnlyCollection<string> sets)
    {
        if (!RuleSubject.TryParse(rule.Who, out _))
        {
            yield return $"{at}:Who is '{rule.Who}'; it is user:NAME, group:NAME, users, anonymous or everybody";
        }

        if (rule.Who == RuleSubject.Anonymous && options.AnonymousInForce() == AnonymousMay.Nothing)
        {
            yield return $"{at} is for anonymous, who may do nothing; {At}:Anonymous is pull or build for it to hold";
        }

        if (rule.Build.Count == 0 && rule.Pull.Count == 0)
        {
            yield return $"{at} gives nothing; it has Build or Pull";
        }

        foreach (var text in rule.Build.Concat(rule.Pull))
        {
            if (!NamePattern.TryParse(text, sets, out _, out var problem))
            {
                yield return $"{at} has '{text}': {problem}";
            }
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Nixery.Server.Access;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tests.Access;

public sealed class AccessSettingsTests
{
    [Fact]
    public void Without_any_the_registry_is_open() =>
        Read([]).Access.Should().Match<AccessOptions>(a => !a.HasLogins() && a.AnonymousInForce() == AnonymousMay.Build);

    [Fact]
    public void Where_one_can_log_in_anonymous_may_do_nothing_unless_it_is_said()
    {
        (string, string)[] issuer = [("Issuers:ci:Issuer", "https://ci.example.com"), ("Issuers:ci:Audience", "nixery")];

        Read(issuer).Access.AnonymousInForce().Should().Be(AnonymousMay.Nothing);
        Read([.. issuer, ("Anonymous", "pull")]).Access.AnonymousInForce().Should().Be(AnonymousMay.Pull);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var problems = ProblemsOf(
            ("HtpasswdFile", "/no/such/file"),
            ("TokensFile", "/"),
            ("TokenLifetime", "00:00:01"),
            ("MostFailedLogins", "0"),
            ("TokenAddress", "registry"),
            ("Issuers:a b:Issuer", "http://issuer.example.com"),
            ("Issuers:a b:KeysAddress", "ftp://issuer.example.com"),
            ("Issuers:a b:CaFile", "/no/ca"),
            ("Issuers:c:Issuer", "https://c.example.com"),
            ("Issuers:d:Issuer", "https://c.example.com"),
            ("Rules:0:Who", "alice"),
            ("Rules:0:Build:0", "taem/**"),
            ("Rules:1:Who", "anonymous"),
            ("Rules:2:Who", "user:"),
            ("TrustedProxies:0", "10.0.0.0/33"),
            ("TrustedProxies:1", "everywhere"),
            ("Rules:0:Bulid:0", "*"));

        string[] expected =
        [
            "HtpasswdFile is '/no/such/file', and it cannot be used: Could not find", "TokensFile is '/'", "TokenLifetime is 00:00:01", "MostFailedLogins is 0", "TokenAddress",
            "Issuers:a b has a name", "KeysAddress is no https", "CaFile is '/no/ca'", "Issuers:c:Audience is missing", "Issuers has 'https://c.example.com' twice",
            "Rules:0:Who is 'alice'; it is user:NAME", "'taem' is no package set", "Rules:1 is for anonymous, who may do nothing", "Rules:1 gives nothing", "Rules:2:Who is 'user:'",
            "TrustedProxies has '10.0.0.0/33'", "TrustedProxies has 'everywhere'", "Bulid is no setting",
        ];
        foreach (var sentence in expected)
        {
            problems.Should().Contain(p => p.Contains(sentence, StringComparison.Ordinal), sentence);
        }
    }

    [Theory]
    [InlineData("http://issuer.example.com", false)]
    [InlineData("https://issuer.example.com", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("issuer", false)]
    public void Keys_come_by_https_or_from_this_machine(string issuer, bool isRight) =>
        ProblemsOf(("Issuers:a:Issuer", issuer), ("Issuers:a:Audience", "x")).Any().Should().Be(!isRight);

    [Fact]
    public void What_anonymous_may_is_answered_with_what_there_is() =>
        ProblemsOf(("Anonymous", "everything")).Should().ContainSingle().Which.Should().Be("Nixery:Access:Anonymous is 'everything'; it is one of nothing, pull, build");

    private static IReadOnlyList<string> ProblemsOf(params (string Name, string Value)[] settings)
    {
        try
        {
            Read(settings);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }

    private static Settings Read((string Name, string Value)[] settings) => Settings.From(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>($"Nixery:Access:{s.Name}", s.Value))).Build());
}

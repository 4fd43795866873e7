using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tests.Configuring;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-settings-").FullName;

    private string Place => Path.Combine(_folder, "nixery.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_gives_settings_and_the_command_line_wins_over_it()
    {
        File.WriteAllText(Place, """
            {
              // what this site has
              "Nixery": {
                "Http": { "Port": 81, "AllowOrigins": ["https://a.example.com", "https://b.example.com"] },
                "Layers": { "Budget": 60, "Table": null },
                "Nix": { "Environment": { "NIX_CONFIG": "max-jobs = 0" } },
              }
            }
            """);

        var settings = Read(("Nixery:Http:Port", "82"));

        settings.Http.Port.Should().Be(82);
        settings.Http.AllowOrigins.Should().Equal("https://a.example.com", "https://b.example.com");
        settings.Layers.Budget.Should().Be(60);
        settings.Layers.Table.Should().Be(new Layers.LayerOptions().Table);
        settings.Nix.Environment["NIX_CONFIG"].Should().Be("max-jobs = 0");
    }

    [Theory]
    [InlineData("{\n  \"Nixery\": { \"Http\": {\n    \"Port\": 80,,\n } } }", "line 3, character 16")]
    [InlineData("", "line 1")]
    [InlineData("{ \"Nixery\": { } ", "line 1, character 17")]
    [InlineData("[ 1 ]", "cannot be read as settings")]
    [InlineData("{ \"Nixery\": { \"Http\": { \"Port\": 1, \"port\": 2 } } }", "duplicate key")]
    [InlineData("{ \"Http\": { \"Port\": 80 } }", "'Http' at its top; settings are below \"Nixery\"")]
    [InlineData("{ \"Nixery\": { \"Http\": { \"Prot\": 80 } } }", "Nixery:Http:Prot is no setting")]
    public void What_is_wrong_with_a_file_is_said_together_with_all_else(string content, string expected)
    {
        File.WriteAllText(Place, content);

        var problems = FluentActions.Invoking(() => Read(("Nixery:Layers:Budget", "0"))).Should().Throw<OptionsValidationException>().Which.Failures.ToList();

        problems.Should().HaveCount(2);
        problems.Should().ContainSingle(p => p.Contains(expected, StringComparison.Ordinal)).And.ContainSingle(p => p.Contains("Budget", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_named_and_not_there_is_a_problem() =>
        FluentActions.Invoking(() => Read()).Should().Throw<OptionsValidationException>().Which.Message.Should().Contain(Place).And.Contain("NIXERY_CONFIG");

    [Theory]
    [InlineData("Nixery:Storage:S3:SecretKey", "abc", "***")]
    [InlineData("Nixery:Storage:S3:SessionToken", "abc", "***")]
    [InlineData("Nixery:Nix:Environment:DEPLOY_PASSWORD", "abc", "***")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "abc", "***")]
    [InlineData("Nixery:Storage:S3:AccessKey", "AKIA", "AKIA")]
    [InlineData("Nixery:Storage:Gcs:CredentialsFile", "/run/secrets/gcs.json", "/run/secrets/gcs.json")]
    [InlineData("Nixery:Access:TokensFile", "/etc/nixery/tokens", "/etc/nixery/tokens")]
    [InlineData("Nixery:Access:TokenAddress", "https://registry.example.com/token", "https://registry.example.com/token")]
    [InlineData("Nixery:Access:TokenLifetime", "00:15:00", "00:15:00")]
    [InlineData("https_proxy", "http://me:p%40ss@proxy:3128", "http://***@proxy:3128")]
    [InlineData("all_proxy", "socks5://me:pass@proxy:1080", "socks5://***@proxy:1080")]
    [InlineData("Nixery:Source:Git", "https://ghp_abc@example.com/a.git", "https://***@example.com/a.git")]
    [InlineData("Nixery:Source:Git", "ssh://git@example.com/a.git", "ssh://git@example.com/a.git")]
    [InlineData("Nixery:Source:Git", "git@example.com:a.git", "git@example.com:a.git")]
    [InlineData("Nixery:Layers:Table", "https://host/t?a=1&X-Amz-Signature=abc&b=2", "https://host/t?a=1&X-Amz-Signature=***&b=2")]
    [InlineData("NIX_CONFIG", "cores = 2\nextra-access-tokens = github.com=ghp_abc\nmax-jobs = 1", "cores = 2\nextra-access-tokens = ***\nmax-jobs = 1")]
    public void Secrets_are_left_out_and_nothing_else(string name, string value, string expected) => Secrets.Hide(name, value).Should().Be(expected);

    [Fact]
    public void All_settings_have_a_value_or_none_under_the_names_of_the_docs()
    {
        File.WriteAllText(Place, """{ "Nixery": { "Sets": { "team": { "Path": "/srv/team" } }, "Nix": { "Environment": { "A": "b" } } } }""");

        var names = SettingValues.Of(Read()).Select(s => s.Key).ToList();

        names.Should().OnlyHaveUniqueItems().And.Contain("Nixery:Sets:team:Path").And.Contain("Nixery:Nix:Environment:A");
        var known = names.Where(n => !n.StartsWith("Nixery:Sets:", StringComparison.Ordinal) && n != "Nixery:Nix:Environment:A");
        known.Should().BeEquivalentTo(SettingNames.All
            .Where(n => !n.StartsWith("Nixery:Sets:", StringComparison.Ordinal) && n != "Nixery:Nix:Environment:NAME")
            // What is empty is one line.
            .Select(n => n.Split(":NAME")[0].Split(":N:")[0]).Select(n => n.EndsWith(":N", StringComparison.Ordinal) ? n[..^2] : n).Distinct());
    }

    private Settings Read(params (string Name, string Value)[] given)
    {
        using var configuration = new ConfigurationManager();
        var commandLine = given.Append((SettingsFile.Variable, Place)).Select(g => KeyValuePair.Create(g.Item1, (string?)g.Item2));
        return SettingSources.In(configuration, commandLine).Read();
    }
}

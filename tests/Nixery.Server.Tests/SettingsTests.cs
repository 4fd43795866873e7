using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Nixery.Server.Tests;

public sealed partial class SettingsTests
{
    [Fact]
    public void Nixerys_variables_mean_what_they_mean_there()
    {
        Dictionary<string, string> environment = new()
        {
            ["PORT"] = "80",
            ["NIXERY_PKGS_PATH"] = "/srv/packages",
            ["NIXERY_STORAGE_BACKEND"] = "filesystem",
            ["STORAGE_PATH"] = "/srv/images",
            ["NIX_TIMEOUT"] = "90",
            ["NIXERY_CHANNEL"] = "",
        };

        var settings = Read(HistoricSettings.Read(environment.GetValueOrDefault));

        settings.Http.Port.Should().Be(80);
        settings.Source.Path.Should().Be("/srv/packages");
        settings.Source.Channel.Should().BeNull();
        settings.Storage.Path.Should().Be("/srv/images");
        settings.Nix.Timeout.Should().Be(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void None_is_required_and_the_default_is_the_channel()
    {
        var settings = Read([]);

        settings.Http.Port.Should().Be(8080);
        settings.Storage.Path.Should().EndWith("nixery/storage");
        settings.Layers.Budget.Should().Be(94);
        settings.Source.FindConflict().Should().BeNull();
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var read = () => Read(
        [
            new("Nixery:Http:Port", "x"),
            new("Nixery:Source:Channel", "a"),
            new("Nixery:Source:Path", "/b"),
            new("Nixery:Storage:Backend", "floppy"),
            new("Nixery:Layers:Budget", "127"),
            new("Nixery:Layers:Bugdet", "94"),
            new("Nixery:Nix:Timeout", "-1"),
            new("Nixery:Packing:LayersAtOnce", "0"),
        ]);

        var problems = read.Should().Throw<OptionsValidationException>().Which.Failures.ToList();
        problems.Should().HaveCount(7);
        string.Join('\n', problems).Should().ContainAll(
            "Http:Port", "NIXERY_CHANNEL", "NIXERY_PKGS_PATH", "floppy", "Bugdet", "NIX_TIMEOUT", "LayersAtOnce");
    }

    [Fact]
    public void A_wrong_timeout_of_Nixerys_is_named() =>
        FluentActions.Invoking(() => Read(HistoricSettings.Read(name => name == "NIX_TIMEOUT" ? "soon" : null)))
            .Should().Throw<OptionsValidationException>().Which.Message.Should().Contain("soon");

    [Fact]
    public void The_docs_list_every_setting()
    {
        var docs = File.ReadAllText(Path.Combine(Repository(), "docs", "configuration.md"));
        var documented = Name().Matches(docs).Select(m => m.Groups[1].Value);

        var settings =
            from room in typeof(Settings).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            from option in room.PropertyType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            select $"Nixery:{room.Name}:{option.Name}" + (option.PropertyType.IsInterface ? ":NAME" : "");

        documented.Should().BeEquivalentTo(settings);
    }

    private static Settings Read(IEnumerable<KeyValuePair<string, string?>> settings) =>
        Settings.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

    private static string Repository() => Path.GetFullPath(Path.Combine(
        typeof(SettingsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!, ".."));

    [GeneratedRegex(@"^\| `(Nixery:[A-Za-z:]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Name();
}

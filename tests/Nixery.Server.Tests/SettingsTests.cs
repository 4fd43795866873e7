using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("NIX_POPULARTY_URL", "NIX_POPULARITY_URL")]
    [InlineData("NIX_TIMEOUTS", "NIX_TIMEOUT")]
    [InlineData("nixery_channel", "NIXERY_CHANNEL")]
    [InlineData("NIXERY_CHANEL", "NIXERY_CHANNEL")]
    [InlineData("NIXERY_PKG_REPO", "NIXERY_PKGS_REPO")]
    [InlineData("GCS_BUKET", "GCS_BUCKET")]
    public void A_variable_that_is_nearly_one_of_Nixerys_is_found(string written, string meant) =>
        HistoricSettings.FindSlips([written, "PATH", meant]).Should().Equal((written, meant));

    /// <summary>Nix's own, as its manual has them; those that Kubernetes makes for a service called nixery; ours.</summary>
    [Fact]
    public void Variables_of_others_are_no_slips() => HistoricSettings.FindSlips(
        [
            "NIX_PATH", "NIX_CONFIG", "NIX_REMOTE", "NIX_SSL_CERT_FILE", "NIX_STORE_DIR", "NIX_DATA_DIR", "NIX_LOG_DIR", "NIX_STATE_DIR", "NIX_CONF_DIR",
            "NIX_USER_CONF_FILES", "NIX_BUILD_SHELL", "NIX_BUILD_CORES", "NIX_BUILD_TOP", "NIX_STORE", "NIX_PROFILES", "NIX_CURL_FLAGS", "NIX_SSHOPTS", "NIX_COUNT_CALLS",
            "NIX_SHOW_STATS", "NIX_IGNORE_SYMLINK_STORE", "NIX_HELD_LOCKS", "NIXPKGS_CONFIG", "NIXPKGS_ALLOW_UNFREE", "NIXERY_CONFIG", "NIXERY_PORT",
            "NIXERY_SERVICE_HOST", "NIXERY_SERVICE_PORT", "NIXERY_PORT_80_TCP_ADDR", "NIXERY_REVISION", "GCS_ENDPOINT", "S3_BUCKET", "AWS_REGION", "PORT", "STORAGE_PATH",
        ]).Should().BeEmpty();

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
            ["NIX_POPULARITY_URL"] = "https://example.com/popularity.json",
            ["NIXERY_CHANNEL"] = "",
        };

        var settings = Read(HistoricSettings.Read(environment.GetValueOrDefault));

        settings.Http.Port.Should().Be(80);
        settings.Source.Path.Should().Be("/srv/packages");
        settings.Layers.Table.Should().Be("https://example.com/popularity.json");
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
            new("Nixery:Storage:Kind", "floppy"),
            new("Nixery:Layers:Budget", "127"),
            new("Nixery:Layers:SmallestLayerBytes", "-1"),
            new("Nixery:Layers:Table", "ftp://user:secret@example.com/table"),
            new("Nixery:Layers:Bugdet", "94"),
            new("Nixery:Nix:Timeout", "-1"),
            new("Nixery:Packing:LayersAtOnce", "0"),
            new("Nixery:Packing:ImagesAtOnce", "0"),
            new("Nixery:Packing:MostWaiting", "-1"),
            new("Nixery:Packing:MemoryBytes", "1000"),
            new("Nixery:Packing:Level", "99"),
        ]);

        var problems = read.Should().Throw<OptionsValidationException>().Which.Failures.ToList();
        problems.Should().HaveCount(13).And.NotContain(p => p.Contains("secret"));
        string.Join('\n', problems).Should().ContainAll(
            "Http:Port", "NIXERY_CHANNEL", "NIXERY_PKGS_PATH", "floppy", "Bugdet", "NIX_TIMEOUT", "LayersAtOnce", "ImagesAtOnce", "Packing:MostWaiting", "MemoryBytes", "Packing:Level");

        FluentActions.Invoking(() => Read([new("Nixery:Packing:Encoder", "zip")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("Nixery:Packing:Encoder is 'zip'; it is one of Auto, Libdeflate, Bcl, Zstd");
    }

    [Fact]
    public void A_planner_that_does_not_exist_is_answered_with_those_that_do() =>
        FluentActions.Invoking(() => Read([new("Nixery:Layers:Planner", "oracle")]))
            .Should().Throw<OptionsValidationException>().Which.Message.Should().Contain("'oracle'; it is one of Forest, Nixery");

    [Fact]
    public void A_wrong_timeout_of_Nixerys_is_named() =>
        FluentActions.Invoking(() => Read(HistoricSettings.Read(name => name == "NIX_TIMEOUT" ? "soon" : null)))
            .Should().Throw<OptionsValidationException>().Which.Message.Should().Contain("soon");

    [Fact]
    public void Sets_and_lists_are_read_and_a_set_has_the_way_of_looking_up_from_the_default_one()
    {
        var settings = Read(
        [
            new("Nixery:Source:Channel", "nixos-25.11"),
            new("Nixery:Source:AllowedTags:0", "nixos-*"),
            new("Nixery:Source:Config:AllowUnfree", "true"),
            new("Nixery:Source:PinFor", "00:01:00"),
            new("Nixery:Sets:team:Git", "file:///srv/team"),
            new("Nixery:Sets:team:Config:AllowUnfreePackages:0", "terraform"),
            new("Nixery:Sets:team:Config:PermittedInsecurePackages:0", "openssl-1.1.1w"),
            new("Nixery:Sets:own:Path", "/srv/own"),
            new("Nixery:Sets:own:PinFor", "00:02:00"),
        ]);

        settings.Source.AllowedTags.Should().Equal("nixos-*");
        settings.Source.Config.AllowUnfree.Should().BeTrue();
        settings.Sets.Keys.Should().BeEquivalentTo("team", "own");
        settings.Sets["team"].Should().BeEquivalentTo(new { Git = "file:///srv/team", Channel = (string?)null, PinFor = TimeSpan.FromMinutes(1) });
        settings.Sets["team"].Config.AllowUnfree.Should().BeFalse();
        settings.Sets["team"].Config.AllowUnfreePackages.Should().Equal("terraform");
        settings.Sets["team"].Config.PermittedInsecurePackages.Should().Equal("openssl-1.1.1w");
        settings.Sets["team"].AllowedTags.Should().BeEmpty();
        settings.Sets["own"].PinFor.Should().Be(TimeSpan.FromMinutes(2));
        settings.Sets["own"].Config.AllowUnfreePackages.Should().BeEmpty();
    }

    [Fact]
    public void What_is_wrong_with_sets_is_said_at_once()
    {
        var read = () => Read(
        [
            new("Nixery:Source:Git", "file:///srv/set"),
            new("Nixery:Source:AllowedTags:0", "nixos-*"),
            new("Nixery:Source:AllowedTags:1", "a/b"),
            new("Nixery:Source:Overlays:0", "relative.nix"),
            new("Nixery:Source:LookUpTimeout", "0"),
            new("Nixery:Source:PinFor", "-1"),
            new("Nixery:Sets:shell:Path", "/a"),
            new("Nixery:Sets:Team:Path", "/b"),
            new("Nixery:Sets:none:Config:AllowUnfree", "true"),
            new("Nixery:Sets:two:Path", "/c"),
            new("Nixery:Sets:two:Git", "file:///c"),
            new("Nixery:Sets:typo:Path", "/d"),
            new("Nixery:Sets:typo:Config:AlowUnfree", "true"),
        ]);

        var problems = read.Should().Throw<OptionsValidationException>().Which.Failures.ToList();
        string[] expected =
        [
            "AllowedTags is for a channel", "'a/b'", "'relative.nix'", "Source:LookUpTimeout", "Source:PinFor", "Sets:shell has a name that means",
            "Sets:Team has a name that no", "Sets:none needs exactly one", "Sets:two needs exactly one", "AlowUnfree is no setting",
        ];
        foreach (var sentence in expected)
        {
            problems.Should().Contain(p => p.Contains(sentence, StringComparison.Ordinal));
        }
    }

    internal static Settings Read(IEnumerable<KeyValuePair<string, string?>> settings) =>
        Settings.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}

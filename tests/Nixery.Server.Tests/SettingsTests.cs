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
    public void A_bucket_is_chosen_by_Nixerys_variables()
    {
        Dictionary<string, string> environment = new()
        {
            ["NIXERY_STORAGE_BACKEND"] = "gcs",
            ["GCS_BUCKET"] = "images",
            ["S3_BUCKET"] = "others",
            ["AWS_REGION"] = "eu-west-1",
        };

        var settings = Read(HistoricSettings.Read(environment.GetValueOrDefault));

        settings.Storage.Kind.Should().Be(StorageKind.Gcs);
        settings.Storage.Gcs.Bucket.Should().Be("images");
        settings.Storage.S3.Bucket.Should().Be("others");
        settings.Storage.S3.Region.Should().Be("eu-west-1");
    }

    [Fact]
    public void All_that_is_wrong_with_a_bucket_is_said_at_once_and_no_secret()
    {
        var read = () => Read(
        [
            new("Nixery:Storage:Kind", "s3"),
            new("Nixery:Storage:Redirect", "on"),
            new("Nixery:Storage:PublicEndpoint", "https://images.example.com/path"),
            new("Nixery:Storage:UrlLifetime", "30.00:00:00"),
            new("Nixery:Storage:Patience", "-1"),
            new("Nixery:Storage:RequestTimeout", "0"),
            new("Nixery:Storage:S3:Endpoint", "ftp://example.com"),
            new("Nixery:Storage:S3:SecretKey", "very secret"),
            new("Nixery:Storage:S3:CaFile", "/no/such/file"),
            new("Nixery:Storage:S3:Encryption", "rot13"),
            new("Nixery:Storage:S3:Prefix", "/a"),
        ]);

        var problems = string.Join('\n', read.Should().Throw<OptionsValidationException>().Which.Failures);
        problems.Should().ContainAll(
            "S3:Bucket", "PublicEndpoint", "UrlLifetime", "Patience", "RequestTimeout", "S3:Endpoint", "S3:AccessKey", "S3:CaFile", "rot13", "S3:Prefix");
        problems.Should().NotContain("very secret");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_file_of_authorities_in_which_there_are_none_is_refused_at_the_start(string content)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        var read = () => Read([new("Nixery:Storage:Kind", "s3"), new("Nixery:Storage:S3:Bucket", "images"), new("Nixery:Storage:S3:CaFile", path)]);

        read.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain("S3:CaFile").And.Contain(path);
        File.Delete(path);
    }

    [Fact]
    public void Keys_that_a_script_left_empty_are_refused_at_the_start() =>
        FluentActions.Invoking(() => Read([
                new("Nixery:Storage:Kind", "s3"), new("Nixery:Storage:S3:Bucket", "images"), new("Nixery:Storage:S3:AccessKey", ""), new("Nixery:Storage:S3:SecretKey", "")]))
            .Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain("S3:AccessKey");

    [Fact]
    public void All_that_is_wrong_with_limits_is_said_at_once()
    {
        var read = () => Read(
        [
            new("Nixery:Storage:MaxBytes", "500"),
            new("Nixery:Storage:MaxAge", "01:00:00"),
            new("Nixery:Storage:Grace", "2.00:00:00"),
            new("Nixery:Storage:Keep:0", "shell/git"),
            new("Nixery:Storage:Keep:1", "Shell"),
        ]);

        var problems = read.Should().Throw<OptionsValidationException>().Which.Failures.ToList();
        problems.Should().HaveCount(4);
        string.Join('\n', problems).Should().ContainAll("Storage:MaxBytes", "Storage:MaxAge", "Storage:Grace", "'Shell'");
        Read([new("Nixery:Storage:MaxBytes", "5000000000"), new("Nixery:Storage:MaxAge", "30.00:00:00")]).Storage.ForKeeping()
            .Should().BeEquivalentTo(new { MaxBytes = 5_000_000_000, MaxAge = TimeSpan.FromDays(30), HasLimits = true });
    }

    [Fact]
    public void A_folder_has_nowhere_to_send_clients_to() =>
        FluentActions.Invoking(() => Read([new("Nixery:Storage:Redirect", "on")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("Storage:Redirect");

    [Fact]
    public void Memory_has_a_limit_without_a_word_and_nowhere_to_send_clients_to()
    {
        KeyValuePair<string, string?> memory = new("Nixery:Storage:Kind", "memory");

        Read([memory]).Storage.ForKeeping().MaxBytes.Should().Be(1L << 30);
        Read([memory, new("Nixery:Storage:MaxBytes", "0")]).Storage.ForKeeping().MaxBytes.Should().Be(0);
        Read([]).Storage.ForKeeping().MaxBytes.Should().Be(0);
        FluentActions.Invoking(() => Read([memory, new("Nixery:Storage:Redirect", "on")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("a memory has nowhere");
        FluentActions.Invoking(() => Read([memory, new("Nixery:Storage:MaxBytes", "much")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("Nixery:Storage:MaxBytes is 'much'; it is a whole number");
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
    public void The_docs_list_every_setting()
    {
        var docs = File.ReadAllText(Path.Combine(Repository(), "docs", "configuration.md"));
        var documented = Name().Matches(docs).Select(m => m.Groups[1].Value);

        // A further set has the settings of the default one; what it does not say otherwise it has from there.
        documented.Should().BeEquivalentTo(SettingNames.All.Where(n => !n.StartsWith("Nixery:Sets:NAME:", StringComparison.Ordinal)));
        docs.Should().Contain("`Nixery:Sets:NAME:…`");
    }

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

    [Fact]
    public void The_docs_give_an_example_of_each_setting_and_the_names_that_Nixery_has()
    {
        var docs = File.ReadAllLines(Path.Combine(Repository(), "docs", "configuration.md"));
        var rows = docs.Where(l => l.StartsWith("| `Nixery:", StringComparison.Ordinal))
            .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();

        rows.Should().OnlyContain(r => r.Length == 5 && r[3].Length > 0 && r[4].Length > 0);
        foreach (var row in rows)
        {
            var variable = HistoricSettings.VariableOf(row[0].Trim('`'));
            row[1].Split(' ')[0].Trim('`').Should().Be(variable ?? "", row[0]);
        }
    }

    private static Settings Read(IEnumerable<KeyValuePair<string, string?>> settings) =>
        Settings.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

    private static string Repository() => Path.GetFullPath(Path.Combine(
        typeof(SettingsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!, ".."));

    [GeneratedRegex(@"^\| `(Nixery:[A-Za-z0-9:]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Name();
}

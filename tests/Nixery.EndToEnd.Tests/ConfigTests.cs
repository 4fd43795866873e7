using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary><c>nixery config</c>, and what the server does with its settings file while it runs.</summary>
public sealed class ConfigTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Each_setting_is_shown_with_where_it_is_from_and_no_secret_is()
    {
        var file = _folder.Write("nixery.json", """
            { "Nixery": { "Http": { "Port": 81 }, "Layers": { "Budget": 50, "SmallestLayerBytes": 1 }, "Storage": { "S3": { "SecretKey": "top-secret-1" } } } }
            """);
        Dictionary<string, string?> environment = new()
        {
            ["NIXERY_CONFIG"] = file,
            ["Nixery__Layers__Budget"] = "60",
            ["NIX_TIMEOUT"] = "600",
            ["NIX_POPULARITY_URL"] = "https://me:top-secret-2@example.com/table",
            ["HTTPS_PROXY"] = "http://me:top-secret-3@proxy:3128",
            ["NIX_CONFIG"] = "cores = 1\naccess-tokens = github.com=top-secret-4",
        };

        var shown = (await RunningServer.RunVerbInAsync(_folder.Path, environment, "config", "--json", "--set", "Nixery:Pulls:WaitFor=00:01:00")).Succeeded();
        var table = (await RunningServer.RunVerbInAsync(_folder.Path, environment, "config")).Succeeded();

        shown.Output.Should().NotContain("top-secret");
        table.Output.Should().NotContain("top-secret").And.Contain("***").And.Contain($"settings file: {file}");
        var report = JsonElement.Parse(shown.Output);
        report.GetProperty("file").GetString().Should().Be(file);
        Line("settings", "Nixery:Http:Port").Should().Be(("81", file));
        Line("settings", "Nixery:Layers:Budget").Should().Be(("60", "Nixery__Layers__Budget"), "the environment wins over the file");
        Line("settings", "Nixery:Layers:SmallestLayerBytes").Should().Be(("1", file));
        Line("settings", "Nixery:Nix:Timeout").Should().Be(("00:10:00", "NIX_TIMEOUT"));
        Line("settings", "Nixery:Layers:Table").Should().Be(("https://***@example.com/table", "NIX_POPULARITY_URL"));
        Line("settings", "Nixery:Pulls:WaitFor").Should().Be(("00:01:00", "command line"));
        Line("settings", "Nixery:Layers:WastePerLayerBytes").Should().Be(("1000000", "default"));
        Line("settings", "Nixery:Storage:S3:SecretKey").Should().Be(("***", file));
        Line("settings", "urls").Should().Be(("http://127.0.0.1:0", "ASPNETCORE_URLS"));
        Line("variables", "HTTPS_PROXY").Should().Be(("http://***@proxy:3128", "environment"));

        (string? Value, string? From) Line(string part, string name)
        {
            var line = report.GetProperty(part).EnumerateArray().Single(l => l.GetProperty("name").GetString() == name);
            return (line.GetProperty("value").GetString(), line.GetProperty("from").GetString());
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_check_ends_with_0_when_the_server_would_start_and_else_says_all_that_is_wrong()
    {
        var right = _folder.Write("right.json", """{ "Nixery": { "Layers": { "Budget": 50 } } }""");
        var wrong = _folder.Write("wrong.json", "{\n  \"Nixery\": {\n    \"Layers\": { \"Budget\": }\n  }\n}");

        var passed = await RunningServer.RunVerbAsync(_folder.Path, "config", "--check", "--config", right);
        var failed = await RunningServer.RunVerbAsync(_folder.Path, "config", "--check", "--config", wrong, "--set", "Nixery:Http:Port=x");
        var started = await RunningServer.RunVerbAsync(_folder.Path, "serve", "--config", wrong, "--set", "Nixery:Http:Port=x");

        (passed.ExitCode, passed.Output.Trim(), passed.Errors.Trim()).Should().Be((0, "", ""));
        failed.ExitCode.Should().Be(2);
        failed.Errors.Should().Contain($"{wrong} is no JSON, at line 3, character").And.Contain("Nixery:Http:Port (PORT) is 'x'; it is a whole number");
        started.ExitCode.Should().Be(2);
        started.Errors.Should().Be(failed.Errors);
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_wrong_is_shown_with_where_it_is_from_beside_all_that_is_right()
    {
        var file = _folder.Write("nixery.json", """{ "Nixery": { "Http": { "Catalog": true, "Prot": 81 }, "Storage": { "S3": { "SecretKey": "top-secret-1", "SecertKey": "top-secret-2" } } } }""");
        Dictionary<string, string?> environment = new() { ["NIXERY_CONFIG"] = file, ["PORT"] = "eighty", ["Nixery__Layers__Budget"] = "60" };

        var shown = await RunningServer.RunVerbInAsync(_folder.Path, environment, "config", "--json");
        var table = await RunningServer.RunVerbInAsync(_folder.Path, environment, "config");
        var check = await RunningServer.RunVerbInAsync(_folder.Path, environment, "config", "--check");

        shown.ExitCode.Should().Be(2);
        shown.Errors.Should().Be(check.Errors).And.Be(table.Errors)
            .And.Contain("Nixery:Http:Port (PORT) is 'eighty'; it is a whole number").And.Contain("Nixery:Http:Prot is no setting");
        shown.Output.Should().NotContain("top-secret");
        (table.Output + table.Errors).Should().NotContain("top-secret");
        table.Output.Should().MatchRegex(@"Nixery:Http:Port +eighty +PORT");
        var lines = JsonElement.Parse(shown.Output).GetProperty("settings").EnumerateArray()
            .ToDictionary(l => l.GetProperty("name").GetString()!, l => (l.GetProperty("value").GetString(), l.GetProperty("from").GetString()));
        lines["Nixery:Http:Port"].Should().Be(("eighty", "PORT"));
        lines["Nixery:Http:Prot"].Should().Be(("***", file), "it is given, though nobody reads it, and might be a secret's name misspelt");
        lines["Nixery:Http:Catalog"].Item2.Should().Be(file);
        lines["Nixery:Layers:Budget"].Should().Be(("60", "Nixery__Layers__Budget"));
        lines["Nixery:Tls:Port"].Should().Be(("8443", "default"));
    }

    [Fact(Timeout = Limit)]
    public async Task The_file_is_read_again_when_it_changes_and_on_SIGHUP_and_a_broken_one_changes_nothing()
    {
        var file = _folder.Write("nixery.json", """{ "Nixery": { "Policy": { "DenyPackages": ["hello"] } } }""");
        await using var server = await RunningServer.StartOnSetAsync(_folder.Path, """
            { system, ... }: {
              hello = derivation { name = "hello-1.0"; inherit system; builder = "/bin/sh"; args = [ "-c" "echo hello > $out; exit 0" ]; };
            }
            """, new Dictionary<string, string?> { ["NIXERY_CONFIG"] = file, ["NIX_POPULARTY_URL"] = "https://example.com/table" });
        await server.SaysAsync("NIX_POPULARTY_URL is read by nobody here; is NIX_POPULARITY_URL meant?");
        using var client = server.CreateClient();
        (await client.ManifestAsync("hello")).Error.Message.Should().Contain("hello is a package that this registry does not allow");

        _folder.Write("nixery.json", "{ not JSON");
        await server.SaysAsync("all stays as it was");
        (await client.ManifestAsync("hello")).Status.Should().Be(403);
        _folder.Write("nixery.json", """{ "Nixery": { "Http": { "Catalog": true } } }""");
        await server.SaysAsync("in force: Nixery:Policy:DenyPackages:0");
        await server.SaysAsync("need a restart, and are not in force yet: Nixery:Http:Catalog");
        (await client.ManifestAsync("hello")).Status.Should().Be(200);

        await server.HangUpAsync();
        await Eventually.Async(() => server.Log.Split("need a restart").Length == 3, "SIGHUP has the settings read again, and the server goes on");
        (await client.ManifestAsync("hello")).Status.Should().Be(200);
    }
}

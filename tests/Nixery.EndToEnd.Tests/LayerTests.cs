using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;
using Nixery.Tests.Sources;

namespace Nixery.EndToEnd;

/// <summary>How images are divided into layers: the verbs that show it and that make tables, and both planners.</summary>
public sealed class LayerTests : IDisposable
{
    private const int Limit = 240_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_plan_shows_the_layers_that_the_image_then_has_and_who_shares_them()
    {
        var before = await PlanAsync("htop/git");
        await using var server = await RunningServer.StartAsync(_folder.Path);
        using var client = server.CreateClient();
        var manifest = await client.ManifestAsync("git/htop");
        await client.ManifestAsync("htop");

        Layers(manifest.Text).Should().Be(before.GetProperty("layers").GetArrayLength() + 1, "the root layer comes on top");
        before.GetProperty("otherImages").GetInt32().Should().Be(0);

        var after = await PlanAsync("git/htop");
        after.GetProperty("otherImages").GetInt32().Should().Be(1);
        var shared = after.GetProperty("layers").EnumerateArray().ToDictionary(l => l.GetProperty("top").GetString()!, l => l.GetProperty("sharedBy").GetInt32());
        shared.Where(l => l.Key.StartsWith("libc6-", StringComparison.Ordinal)).Select(l => l.Value).Should().Equal(1);
        shared.Where(l => l.Key.StartsWith("git-", StringComparison.Ordinal)).Select(l => l.Value).Should().Equal(0);

        var table = (await RunningServer.RunVerbAsync(_folder.Path, "plan", "git/htop")).Succeeded().Output;
        table.Should().Contain($"git/htop: {before.GetProperty("layers").GetArrayLength()} layers").And.Contain("compared with 1 other images");
    }

    [Fact(Timeout = Limit)]
    public async Task A_plan_of_what_does_not_exist_ends_as_a_pull_of_it_would()
    {
        var ran = await RunningServer.RunVerbAsync(_folder.Path, "plan", "gti");

        ran.ExitCode.Should().Be(1);
        ran.Errors.Should().Contain("there is no package 'gti'").And.Contain("near names: git");
        ran.Output.Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task A_table_of_packages_is_the_same_each_time_and_gives_images_fewer_layers()
    {
        var (table, again) = (_folder.Inner("table.json.gz"), _folder.Inner("again.json.gz"));
        string[] packages = ["git", "htop", "curl", "bashinteractive", "coreutils", "cacert"];

        var said = (await RunningServer.RunVerbAsync(_folder.Path, ["popularity", .. packages, "-o", table])).Succeeded().Output;
        (await RunningServer.RunVerbAsync(_folder.Path, ["popularity", .. packages.Reverse(), "-o", again])).Succeeded();

        said.Should().Contain("6 of 6 packages").And.Contain("travel with another");
        (await File.ReadAllBytesAsync(again)).Should().Equal(await File.ReadAllBytesAsync(table));
        var plain = await PlanAsync("git");
        var planned = await PlanAsync("git", "--set", $"Nixery:Layers:Table={table}");
        planned.GetProperty("layers").GetArrayLength().Should().BeLessThan(plain.GetProperty("layers").GetArrayLength() / 2);
        Paths(planned).Should().BeEquivalentTo(Paths(plain));

        await using var server = await RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?> { ["NIX_POPULARITY_URL"] = table });
        using var client = server.CreateClient();
        Layers((await client.ManifestAsync("git")).Text).Should().Be(planned.GetProperty("layers").GetArrayLength() + 1);
    }

    [Fact(Timeout = Limit)]
    public async Task A_table_of_a_binary_cache_needs_no_package_and_no_Nix()
    {
        var (libc, git) = ($"{new string('1', 32)}-glibc-2.38", $"{new string('2', 32)}-git-2.39");
        await using var host = new ChannelHost
        {
            Answer = asked => asked switch
            {
                _ when asked.EndsWith("/store-paths", StringComparison.Ordinal) => ChannelHost.Says("200 OK", $"/nix/store/{git}\n"),
                _ when asked.Contains(git[..32], StringComparison.Ordinal) => ChannelHost.Says("200 OK", $"StorePath: /nix/store/{git}\nNarSize: 5000\nReferences: {libc} {git}\n"),
                _ when asked.Contains(libc[..32], StringComparison.Ordinal) => ChannelHost.Says("200 OK", $"StorePath: /nix/store/{libc}\nNarSize: 100\nReferences: \n"),
                _ => ChannelHost.Says("404 Not Found", "no"),
            },
        };
        var table = _folder.Inner("table.json");

        var said = (await RunningServer.RunVerbAsync(
            _folder.Path, "popularity", "--store-paths", $"{host.Address}store-paths", "--cache", $"{host.Address}", "-o", table)).Succeeded().Output;

        said.Should().Contain("2 of 2 store paths").And.Contain("1 of them travel with another");
        (await File.ReadAllTextAsync(table)).Should().Contain(git).And.Contain(libc);
        File.Exists(table + ".partial").Should().BeFalse();
    }

    [Fact(Timeout = Limit)]
    public async Task Nixerys_own_planner_serves_images_too()
    {
        var popularity = _folder.Inner("popularity.json");
        await File.WriteAllTextAsync(popularity, """{ "libc6-2.36-9+deb12u14": 21788 }""");
        var environment = new Dictionary<string, string?> { ["Nixery__Layers__Planner"] = "nixery", ["NIX_POPULARITY_URL"] = popularity };
        await using var server = await RunningServer.StartAsync(_folder.Path, environment);
        using var client = server.CreateClient();

        var pulled = await client.PullAsync("git", Directory.CreateDirectory(_folder.Inner("pulled")).FullName);

        var planned = await PlanAsync("git", "--set", "Nixery:Layers:Planner=nixery", "--set", $"Nixery:Layers:Table={popularity}");
        Layers((await client.ManifestAsync("git")).Text).Should().Be(planned.GetProperty("layers").GetArrayLength() + 1);
        planned.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("reason").GetString()).Should().Contain("a package that was asked for, with what it alone leads to");
        pulled.Should().NotBeNull();
    }

    private async Task<JsonElement> PlanAsync(string image, params string[] more)
    {
        var ran = (await RunningServer.RunVerbAsync(_folder.Path, ["plan", image, "--json", .. more])).Succeeded();
        return JsonDocument.Parse(ran.Output).RootElement;
    }

    private static IEnumerable<string?> Paths(JsonElement plan) =>
        plan.GetProperty("layers").EnumerateArray().SelectMany(l => l.GetProperty("storePaths").EnumerateArray()).Select(p => p.GetString());

    private static int Layers(string manifest) => JsonDocument.Parse(manifest).RootElement.GetProperty("layers").GetArrayLength();
}

using System.Diagnostics;
using System.Net.Sockets;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class DrainTests : IDisposable
{
    private const int Limit = 120_000;
    private const string Image = "tool";
    private const int Others = 500;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Told_to_end_it_is_not_ready_first_and_still_serves_and_a_pull_in_flight_has_its_image()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await ServeAsync(nix, delay: TimeSpan.FromSeconds(5), waitFor: TimeSpan.FromMinutes(1));
        using var client = server.CreateClient();
        await Eventually.Async(async () => await StatusAsync(client, "/readyz") == 200, "it is ready");
        var pull = client.ManifestAsync(Image);
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");

        var stop = server.StopAsync();
        await Eventually.Async(async () => await StatusAsync(client, "/readyz") == 503, "it is not ready any more");
        (await client.GetAsync("/readyz", null, CancellationToken.None)).Text.Should().Contain("\"status\":\"draining\"");
        (await StatusAsync(client, "/v2/")).Should().Be(200, "who was not told yet is served");
        (await StatusAsync(client, "/healthz")).Should().Be(200, "nobody should end it sooner");
        nix.LetGo();

        (await pull).Status.Should().Be(200);
        await stop;
        server.Log.Should().NotContain(" ERR ");
    }

    [Fact(Timeout = Limit)]
    public async Task A_build_that_takes_longer_than_the_server_waits_ends_with_all_that_it_has_started()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await ServeAsync(nix, delay: TimeSpan.Zero, waitFor: TimeSpan.FromSeconds(1));
        using var client = server.CreateClient();
        var pull = client.ManifestAsync(Image);
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
        var begun = Stopwatch.GetTimestamp();

        await server.StopAsync();

        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(20));
        var answer = await pull;
        answer.Status.Should().Be(503);
        answer.RetryAfter.Should().NotBeNull();
        (await Programs.RunAsync("pgrep", "-f", nix.Folder)).Output.Should().BeEmpty("no program of the build is left");
        (await RunningServer.VerifyAsync(_folder.Path)).Succeeded();
    }

    [Fact(Timeout = Limit)]
    public async Task While_the_disk_is_nearly_full_stored_images_are_served_and_the_same_server_builds_again_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(RunningServer.StorageOf(_folder.Path), megabytes: 60);
        await using var server = await ServeAsync(new WatchedNix(_folder.Path), TimeSpan.Zero, TimeSpan.Zero);
        using var client = server.CreateClient();
        (await client.ManifestAsync(Image)).Status.Should().Be(200);

        disk.Fill(leaveBytes: 1_000_000);
        // The server believes for a second what it has seen of its disk, and what it has built meanwhile it goes on serving.
        var asked = 0;
        await Eventually.Async(async () => (await client.ManifestAsync($"other{++asked}")).Status == 503, "a new image is refused");
        var refused = await client.ManifestAsync($"other{asked}");
        refused.RetryAfter.Should().NotBeNull();
        refused.Text.Should().Contain("nearly full");
        (await client.PullAsync(Image, _folder.Inner("known"))).CheckDigests();

        disk.Free();
        await Eventually.Async(async () => (await client.ManifestAsync($"other{asked}")).Status == 200, "it builds again");
    }

    private Task<RunningServer> ServeAsync(WatchedNix nix, TimeSpan delay, TimeSpan waitFor) => RunningServer.StartOnSetAsync(
        _folder.Path,
        $$"""
        { system, ... }: builtins.listToAttrs (map (name: {
          inherit name;
          value = derivation {
            name = "${name}-1.0";
            inherit system;
            builder = "/bin/sh";
            args = [ "-c" "echo a tool > $out; exit 0" ];
          };
        }) ([ "{{Image}}" ] ++ builtins.genList (n: "other${toString n}") {{Others}}))
        """,
        new Dictionary<string, string?>(nix.Environment) { ["Nixery__Drain__Delay"] = delay.ToString(), ["Nixery__Drain__WaitFor"] = waitFor.ToString() });

    private static async Task<int?> StatusAsync(RegistryClient client, string path)
    {
        try
        {
            return (await client.GetAsync(path, null, CancellationToken.None)).Status;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return null;
        }
    }
}

using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class SlowBuildTests(ContainerdDaemon containerd, OverlayDocker docker)
    : IClassFixture<ContainerdDaemon>, IClassFixture<OverlayDocker>, IDisposable
{
    private const int Limit = 120_000;
    private const string Image = "tool:latest";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>containerd asks by HEAD first: that, too, begins the build, and the GET that follows begins no other.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_client_that_was_killed_while_it_waited_comes_back_to_the_same_build()
    {
        var nix = Held();
        await using var server = await ServeAsync(nix, waitFor: TimeSpan.FromMinutes(10));
        var reference = $"{server.Host}/{Image}";

        using (var killed = containerd.StartPull(reference))
        {
            await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        var again = containerd.PullAsync(reference);
        nix.LetGo();

        (await again).Succeeded();
        nix.Evaluations.Should().ContainSingle();
        nix.Realisations.Should().ContainSingle();
        server.Log.Should().NotContain(" ERR ");
    }

    /// <summary>containerd does not wait for what Retry-After says, but it asks again, five times.</summary>
    [Fact(Timeout = Limit)]
    public async Task Containerd_asks_again_by_itself_when_a_build_takes_longer_than_a_pull_may()
    {
        var nix = Held();
        await using var server = await ServeAsync(nix, waitFor: TimeSpan.FromSeconds(2));

        var pull = containerd.PullAsync($"{server.Host}/{Image}");
        await Eventually.Async(() => server.Log.Contains("refused with 429", StringComparison.Ordinal), "the first answer");
        nix.LetGo();

        (await pull).Succeeded();
        nix.Realisations.Should().ContainSingle();
    }

    [Fact(Timeout = Limit)]
    public async Task Docker_tells_its_user_that_the_build_goes_on_and_has_the_image_at_the_next_pull()
    {
        var nix = Held();
        await using var server = await ServeAsync(nix, waitFor: TimeSpan.FromSeconds(1));
        var reference = $"{server.Host}/{Image}";

        var refused = await docker.RunAsync("pull", reference);

        refused.ExitCode.Should().NotBe(0);
        refused.Errors.Should().Contain("toomanyrequests: ").And.Contain("the build goes on");
        nix.LetGo();
        await Eventually.Async(() => server.Log.Contains("Built tool", StringComparison.Ordinal), "the build that goes on ends");
        (await docker.RunAsync("pull", reference)).Succeeded();
        nix.Realisations.Should().ContainSingle();
    }

    private WatchedNix Held()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        return nix;
    }

    private Task<RunningServer> ServeAsync(WatchedNix nix, TimeSpan waitFor) => RunningServer.StartOnSetAsync(
        _folder.Path,
        """
        { system, ... }: {
          tool = derivation {
            name = "tool-1.0";
            inherit system;
            builder = "/bin/sh";
            args = [ "-c" "echo a tool > $out; exit 0" ];
          };
        }
        """,
        new Dictionary<string, string?>(nix.Environment) { ["Nixery__Pulls__WaitFor"] = waitFor.ToString() });
}

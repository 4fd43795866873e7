using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class SlowBuildTests(ContainerdDaemon containerd) : IClassFixture<ContainerdDaemon>, IDisposable
{
    private const int Limit = 120_000;
    private const string Image = "htop";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>containerd asks by HEAD first: that, too, begins the build, and the GET that follows begins no other.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_client_that_was_killed_while_it_waited_comes_back_to_the_same_build()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        var reference = $"{server.Host}/{Image}:latest";

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
}

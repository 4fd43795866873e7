using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class DeterminismTests : IDisposable
{
    private const int Limit = 180_000;
    private readonly TemporaryFolder _one = new();
    private readonly TemporaryFolder _other = new();

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task Two_servers_make_the_same_image_to_the_byte_whatever_the_order_of_its_packages()
    {
        var one = await PullAsync(_one, "shell/git/htop");
        var other = await PullAsync(_other, "htop/git/shell/amd64/git");

        other.Digest.Should().Be(one.Digest);
        other.Body.Should().Equal(one.Body);
    }

    [Fact(Timeout = Limit)]
    public async Task A_restart_loses_nothing()
    {
        var nix = new WatchedNix(_one.Path);
        Answer before;
        await using (var server = await RunningServer.StartAsync(_one.Path, nix.Environment))
        {
            using var client = server.CreateClient();
            before = await client.ManifestAsync("shell/jq");
            await server.StopAsync();
        }

        var calls = nix.Calls;
        calls.Should().NotBeEmpty("the watched Nix is the one that is used");
        await using var again = await RunningServer.StartAsync(_one.Path, nix.Environment);
        using var second = again.CreateClient();
        var image = await second.PullAsync("shell/jq", _one.Inner("pulled"));

        image.ManifestDigest.Should().Be(before.Digest);
        image.CheckDigests();
        nix.Calls.Should().Equal(calls, "Nix is not asked again");
        again.Log.Should().Contain($"{before.Digest} known in ");
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_is_asked_to_stop_leaves_nothing_unfinished()
    {
        await PullAsync(_one, "htop");

        Directory.EnumerateFileSystemEntries(Path.Combine(RunningServer.StorageOf(_one.Path), "unfinished")).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(_one.Inner("data/nixery/gcroots")).Should().BeEmpty();
    }

    private static async Task<Answer> PullAsync(TemporaryFolder folder, string image)
    {
        await using var server = await RunningServer.StartAsync(folder.Path);
        using var client = server.CreateClient();
        var answer = await client.ManifestAsync(image);
        answer.Status.Should().Be(200);
        await server.StopAsync();
        return answer;
    }
}

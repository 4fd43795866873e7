using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class OneBuildTests : IDisposable
{
    private const int Limit = 180_000;
    private const int Clients = 20;
    private const string Image = "shell/jq";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Twenty_clients_at_once_cause_one_build()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        var clients = Enumerable.Range(0, Clients).Select(_ => server.CreateClient()).ToList();

        var pulls = clients.Select(c => c.ManifestAsync(Image)).ToList();
        // Each client's second question is answered, so its first one has been taken by the server, and waits.
        await Task.WhenAll(clients.Select(c => c.GetAsync("/v2/", accept: null, CancellationToken.None)));
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
        pulls.Should().OnlyContain(p => !p.IsCompleted);
        nix.LetGo();
        var answers = await Task.WhenAll(pulls);

        answers.Should().OnlyContain(a => a.Status == 200);
        answers.Select(a => a.Digest).Distinct().Should().ContainSingle();
        nix.Evaluations.Should().ContainSingle();
        nix.Realisations.Should().ContainSingle();
        clients.ForEach(c => c.Dispose());
    }

    [Fact(Timeout = Limit)]
    public async Task A_build_goes_on_when_the_client_that_asked_for_it_leaves()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        using var client = server.CreateClient();
        using var leave = new CancellationTokenSource();

        var pull = client.ManifestAsync(Image, cancellationToken: leave.Token);
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
        await leave.CancelAsync();
        await pull.Awaiting(p => p).Should().ThrowAsync<OperationCanceledException>();
        nix.LetGo();
        var again = await client.ManifestAsync(Image);

        again.Status.Should().Be(200);
        nix.Realisations.Should().ContainSingle();
        server.Log.Should().NotContain(" ERR ").And.NotContain("refused");
    }

    [Fact(Timeout = Limit)]
    public async Task A_build_whose_only_client_left_is_there_without_anyone_waiting()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        using var client = server.CreateClient();
        using var leave = new CancellationTokenSource();

        var pull = client.ManifestAsync("jq", cancellationToken: leave.Token);
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
        await leave.CancelAsync();
        await pull.Awaiting(p => p).Should().ThrowAsync<OperationCanceledException>();
        nix.LetGo();
        // Written last: until then a pull may join the end of the build.
        var repositories = Path.Combine(RunningServer.StorageOf(_folder.Path), "records", "repository");
        await Eventually.Async(() => Directory.Exists(repositories) && Directory.EnumerateFiles(repositories, "*", SearchOption.AllDirectories).Any(), "the image is remembered");

        (await client.ManifestAsync("jq")).Status.Should().Be(200);
        server.Log.Should().Contain(" known in ");
    }
}

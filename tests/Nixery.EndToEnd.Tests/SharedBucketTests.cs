using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>Servers that have nothing in common but a bucket, on an S3 server that others wrote.</summary>
public sealed class SharedBucketTests(PodmanStore podman) : IClassFixture<PodmanStore>, IDisposable
{
    private const int Limit = 180_000;
    private const string Image = "shell/jq";

    private readonly TemporaryFolder _one = new();
    private readonly TemporaryFolder _other = new();

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task What_one_server_has_built_another_one_knows_without_Nix()
    {
        var bucket = await RealBucket.CreateAsync();
        string? digest;
        await using (var first = await RunningServer.StartAsync(_one.Path, bucket))
        {
            using var client = first.CreateClient();
            digest = (await client.ManifestAsync(Image)).Digest;
            await first.StopAsync();
        }

        var nix = new WatchedNix(_other.Path);
        await using var second = await RunningServer.StartAsync(_other.Path, Both(bucket, nix.Environment));
        using var another = second.CreateClient();
        var pulled = await another.PullAsync(Image, _other.Inner("pulled"));

        pulled.CheckDigests();
        (await another.ManifestAsync(Image)).Digest.Should().Be(digest);
        nix.Calls.Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task Two_servers_that_are_asked_at_once_build_once()
    {
        var bucket = await RealBucket.CreateAsync();
        var nix = new WatchedNix(_one.Path);
        nix.HoldBack();
        await using var one = await RunningServer.StartAsync(_one.Path, Both(bucket, nix.Environment));
        await using var other = await RunningServer.StartAsync(_other.Path, Both(bucket, nix.Environment));
        using var first = one.CreateClient();
        using var second = other.CreateClient();

        var pulls = new[] { first.ManifestAsync(Image), second.ManifestAsync(Image) };
        await Eventually.Async(() => nix.Realisations.Any(), "one of them builds");
        await first.GetAsync("/v2/", accept: null, CancellationToken.None);
        await second.GetAsync("/v2/", accept: null, CancellationToken.None);
        nix.LetGo();
        var answers = await Task.WhenAll(pulls);

        answers.Should().OnlyContain(a => a.Status == 200);
        answers[0].Digest.Should().Be(answers[1].Digest);
        nix.Evaluations.Should().ContainSingle();
        nix.Realisations.Should().ContainSingle();
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_was_killed_at_its_build_does_not_keep_others_from_it()
    {
        var bucket = await RealBucket.CreateAsync();
        var nix = new WatchedNix(_one.Path);
        nix.HoldBack();
        await using (var killed = await RunningServer.StartAsync(_one.Path, Both(bucket, nix.Environment)))
        {
            using var client = killed.CreateClient();
            var pull = client.ManifestAsync(Image);
            await Eventually.Async(() => nix.Realisations.Any(), "it builds");
            await killed.KillAsync();
            await pull.Awaiting(p => p).Should().ThrowAsync<HttpRequestException>();
        }

        nix.LetGo();
        await using var other = await RunningServer.StartAsync(_other.Path, bucket);
        using var another = other.CreateClient();

        // Its lease runs out; that takes a minute.
        (await another.PullAsync(Image, _other.Inner("pulled"))).CheckDigests();
    }

    [Fact(Timeout = Limit)]
    public async Task Podman_is_sent_to_the_bucket_and_runs_what_it_got_there()
    {
        await using var server = await RunningServer.StartAsync(_one.Path, await RealBucket.CreateAsync());

        var image = $"{server.Host}/{Image}";
        (await podman.RunAsync("pull", "--tls-verify=false", image)).Succeeded();

        (await podman.RunContainerAsync(image, [], "jq", "--version")).Succeeded().Output.Should().StartWith("jq-1.");
        server.Log.Should().NotContain("A blob is sent from here");
    }

    private static Dictionary<string, string?> Both(Dictionary<string, string?> one, Dictionary<string, string?> other) =>
        one.Concat(other).ToDictionary(v => v.Key, v => v.Value);
}

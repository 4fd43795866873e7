using System.Globalization;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary><c>nixery gc</c> as the program that it is, beside a server that goes on.</summary>
public sealed class GarbageTests : IDisposable
{
    private const int Limit = 240_000;
    private const string Kept = "jq";
    private const string Other = "shell/git";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Gc_says_what_would_go_lets_it_go_and_leaves_a_storage_that_is_right()
    {
        await using var server = await RunningServer.StartAsync(_folder.Path);
        using var client = server.CreateClient();
        var kept = await client.PullAsync(Kept, _folder.Inner("kept"));
        var other = await client.PullAsync(Other, _folder.Inner("other"));
        var before = Stored();
        string[] limits =
        [
            "--set", $"Nixery:Storage:MaxBytes={(before.Values.Sum() / 2).ToString(CultureInfo.InvariantCulture)}",
            "--set", "Nixery:Storage:Grace=00:00:01",
            "--set", $"Nixery:Storage:Keep:0={Kept}",
        ];
        await Eventually.Async(() => Directory.Exists(Path.Combine(RunningServer.StorageOf(_folder.Path), "records", "use")), "uses are written down");

        var dry = (await RunningServer.RunVerbAsync(_folder.Path, ["gc", "--dry-run", .. limits])).Succeeded();
        // Until the grace of what was just pulled is over.
        while (!dry.Output.Contains($"image {Other}:", StringComparison.Ordinal))
        {
            dry = (await RunningServer.RunVerbAsync(_folder.Path, ["gc", "--dry-run", .. limits])).Succeeded();
        }

        dry.Output.Should().Contain($"image {Other}:").And.NotContain($"image {Kept}:").And.Contain("would go");
        Blobs(Stored()).Should().BeEquivalentTo(Blobs(before));

        var ran = (await RunningServer.RunVerbAsync(_folder.Path, ["gc", .. limits])).Succeeded();
        ran.Output.Should().Contain($"image {Other}:").And.NotContain($"image {Kept}:").And.MatchRegex("went, [0-9]+ of [0-9]+ bytes; [0-9]+ are left");
        Stored().Values.Sum().Should().BeLessThan(before.Values.Sum());

        var verified = (await RunningServer.VerifyAsync(_folder.Path)).Succeeded();
        verified.Output.Should().EndWith(": 0 not right\n");
        (await client.ManifestAsync(Other, reference: other.ManifestDigest)).Status.Should().Be(404);
        (await client.PullAsync(Kept, _folder.Inner("kept again"))).ManifestDigest.Should().Be(kept.ManifestDigest);
        var again = await client.PullAsync(Other, _folder.Inner("other again"));
        again.CheckDigests();
        again.ManifestDigest.Should().Be(other.ManifestDigest);
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_lets_go_by_itself_when_its_limit_is_reached()
    {
        long limit;
        string? digest;
        await using (var first = await RunningServer.StartAsync(_folder.Path))
        {
            using var client = first.CreateClient();
            digest = (await client.PullAsync(Other, _folder.Inner("other"))).ManifestDigest;
            limit = Stored().Values.Sum() + 50_000;
        }

        await using var second = await RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?>
        {
            ["Nixery__Storage__MaxBytes"] = limit.ToString(CultureInfo.InvariantCulture),
            ["Nixery__Storage__Grace"] = "00:00:01",
        });
        using var another = second.CreateClient();
        await Eventually.Async(async () => await IsThereAsync(another, Kept), "what was pulled just now stays for its grace, and then there is room");
        (await another.PullAsync(Kept, _folder.Inner("more"))).CheckDigests();

        await Eventually.Async(() => second.Log.Contains("Let go of", StringComparison.Ordinal), "it says so");
        (await another.ManifestAsync(Other, reference: digest)).Status.Should().Be(404);
        Stored().Values.Sum().Should().BeLessThan((long)(limit * 1.1));
        (await RunningServer.VerifyAsync(_folder.Path)).Succeeded();
    }

    /// <summary>A client that is told to ask again asks again.</summary>
    private static async Task<bool> IsThereAsync(RegistryClient client, string image)
    {
        var answer = await client.ManifestAsync(image);
        answer.Status.Should().BeOneOf(200, 503);
        (answer.RetryAfter is null).Should().Be(answer.Status == 200);
        return answer.Status == 200;
    }

    private Dictionary<string, long> Stored() => new[] { "blobs", "records" }
        .SelectMany(kind => new DirectoryInfo(Path.Combine(RunningServer.StorageOf(_folder.Path), kind)).EnumerateFiles("*", SearchOption.AllDirectories))
        .Where(f => f.Exists).ToDictionary(f => f.FullName, f => f.Length);

    private static IEnumerable<string> Blobs(Dictionary<string, long> stored) => stored.Keys.Where(f => f.Contains("/blobs/", StringComparison.Ordinal));
}

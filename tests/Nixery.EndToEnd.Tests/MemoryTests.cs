using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class MemoryTests : IDisposable
{
    private const int Limit = 240_000;

    private static readonly string[] Packages =
        ["bashinteractive", "coreutils", "gnugrep", "gnused", "gawk", "gzip", "jq", "less", "nano", "tree"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_new_combination_of_ten_known_packages_starts_no_process()
    {
        var nix = new WatchedNix(_folder.Path);
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        using var client = server.CreateClient();
        foreach (var package in Packages)
        {
            (await client.ManifestAsync(package)).Status.Should().Be(200);
        }

        var before = nix.Calls;
        var answer = await client.ManifestAsync(string.Join('/', Packages));

        answer.Status.Should().Be(200, answer.Text);
        nix.Calls.Should().Equal(before);
        server.Log.Should().Contain("built in");
        await AllBlobsAreThereAsync(client, answer);
    }

    [Fact(Timeout = Limit)]
    public async Task A_layer_that_is_missing_is_packed_from_the_store_without_a_process()
    {
        var nix = new WatchedNix(_folder.Path);
        await using var server = await RunningServer.StartAsync(_folder.Path, nix.Environment);
        using var client = server.CreateClient();
        var first = await client.ManifestAsync("tree/jq");
        var before = nix.Calls;
        Directory.Delete(Path.Combine(RunningServer.StorageOf(_folder.Path), "blobs"), recursive: true);

        var again = await client.ManifestAsync("tree/jq");

        again.Body.Should().Equal(first.Body);
        nix.Calls.Should().Equal(before);
        await AllBlobsAreThereAsync(client, again);
    }

    private static async Task AllBlobsAreThereAsync(RegistryClient client, Answer manifest)
    {
        foreach (var layer in JsonDocument.Parse(manifest.Body).RootElement.GetProperty("layers").EnumerateArray())
        {
            (await client.GetAsync($"/v2/x/blobs/{layer.GetProperty("digest").GetString()}", null, CancellationToken.None)).Status.Should().Be(200);
        }
    }
}

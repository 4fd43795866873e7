using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>Layers of zstd by clients that know them; Debian's docker, 20.10, does not.</summary>
public sealed class ZstdTests(PodmanStore podman) : IClassFixture<PodmanStore>, IDisposable
{
    private const string Image = "shell/jq";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 240_000)]
    public async Task Skopeo_copies_and_podman_runs_an_image_of_zstd()
    {
        await using var server = await RunningServer.StartAsync(
            _folder.Path, new Dictionary<string, string?> { ["Nixery__Packing__Encoder"] = "Zstd" });
        using var client = server.CreateClient();
        var manifest = await client.ManifestAsync(Image);
        JsonDocument.Parse(manifest.Body).RootElement.GetProperty("layers").EnumerateArray()
            .Select(l => l.GetProperty("mediaType").GetString()).Should().OnlyContain(t => t!.EndsWith("tar+zstd", StringComparison.Ordinal));

        (await Programs.RunAsync(
            "skopeo", "copy", "--src-tls-verify=false", $"docker://{server.Host}/{Image}", $"oci:{_folder.Inner("copy")}:latest")).Succeeded();
        await podman.PullAsync($"{server.Host}/{Image}");
        (await podman.RunContainerAsync($"{server.Host}/{Image}", [], "jq", "--version")).Succeeded().Output.Should().StartWith("jq-1.");
    }
}

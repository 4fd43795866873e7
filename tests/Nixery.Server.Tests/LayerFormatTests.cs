using System.Net;
using System.Text.Json;
using Nixery.Oci;

namespace Nixery.Server.Tests;

public sealed class LayerFormatTests : IAsyncLifetime
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    private readonly Registry _registry = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task Layers_of_zstd_are_said_to_be_and_who_takes_Dockers_manifests_alone_is_told_why_there_is_none()
    {
        _registry.More["Nixery:Packing:Encoder"] = "Zstd";
        await _registry.InitializeAsync();

        var oci = await ManifestAsync(OciManifest);
        var docker = await ManifestAsync(DockerManifest);

        oci.Status.Should().Be(HttpStatusCode.OK);
        foreach (var layer in JsonDocument.Parse(oci.Text).RootElement.GetProperty("layers").EnumerateArray())
        {
            layer.GetProperty("mediaType").GetString().Should().Be("application/vnd.oci.image.layer.v1.tar+zstd");
            var bytes = await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{layer.GetProperty("digest").GetString()}");
            Digest.Of(bytes).ToString().Should().Be(layer.GetProperty("digest").GetString());
            Convert.ToHexStringLower(bytes.AsSpan(0, 4)).Should().Be("28b52ffd", "that is how a frame begins");
        }

        docker.Status.Should().Be(HttpStatusCode.NotFound);
        docker.Text.Should().Contain("MANIFEST_UNKNOWN").And.Contain("zstd");
    }

    [Fact(Timeout = 60_000)]
    public async Task Another_encoder_makes_other_layers_and_the_old_ones_are_found_again()
    {
        await _registry.InitializeAsync();
        var gzip = LayersOf((await ManifestAsync(OciManifest)).Text);
        _registry.More["Nixery:Packing:Encoder"] = "Zstd";
        await _registry.RestartAsync();
        var zstd = LayersOf((await ManifestAsync(OciManifest)).Text);
        _registry.More["Nixery:Packing:Encoder"] = "Auto";
        await _registry.RestartAsync();

        zstd.Should().NotIntersectWith(gzip);
        LayersOf((await ManifestAsync(OciManifest)).Text).Should().Equal(gzip);
        _registry.Builder.Realisations.Should().Be(1);
    }

    internal static IEnumerable<string> LayersOf(string manifest) =>
        [.. JsonDocument.Parse(manifest).RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!)];

    private async Task<(HttpStatusCode Status, string Text)> ManifestAsync(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/hello/manifests/latest");
        request.Headers.Accept.ParseAdd(accept);
        using var answer = await _registry.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

using System.Net.Http.Headers;
using System.Text.Json;

namespace Nixery.Server.Tests.Protocol;

/// <summary>A registry that has a few images, and lists them.</summary>
public sealed class ProtocolFixture : IAsyncLifetime
{
    private readonly Registry _registry = new();
    private readonly Dictionary<string, (string Digest, byte[] Bytes)> _pulled = [];

    internal Registry Registry => _registry;

    public IReadOnlyDictionary<string, (string Digest, byte[] Bytes)> Pulled => _pulled;

    public async Task InitializeAsync()
    {
        _registry.More["Nixery:Http:Catalog"] = "true";
        await _registry.InitializeAsync();
        foreach (var name in new[] { "hello", "hello/shell", "arm64/hello" })
        {
            await ManifestAsync(name, "*/*");
        }

        var (oci, revision) = await ManifestAsync("hello/shell", "*/*");
        _pulled["oci"] = oci;
        _pulled["docker"] = (await ManifestAsync("hello/shell", "application/vnd.docker.distribution.manifest.v2+json")).Manifest;
        _pulled["revision"] = (revision, []);
        var manifest = JsonDocument.Parse(oci.Bytes).RootElement;
        _pulled["config"] = await BlobAsync(manifest.GetProperty("config"));
        _pulled["layer"] = await BlobAsync(manifest.GetProperty("layers").EnumerateArray().MaxBy(l => l.GetProperty("size").GetInt64()));
    }

    public Task DisposeAsync() => _registry.DisposeAsync();

    private async Task<((string Digest, byte[] Bytes) Manifest, string Revision)> ManifestAsync(string name, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{name}/manifests/latest");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var answer = await _registry.Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (
            (answer.Headers.GetValues("Docker-Content-Digest").Single(), await answer.Content.ReadAsByteArrayAsync()),
            answer.Headers.GetValues("Nixery-Revision").Single());
    }

    private async Task<(string Digest, byte[] Bytes)> BlobAsync(JsonElement descriptor)
    {
        var digest = descriptor.GetProperty("digest").GetString()!;
        return (digest, await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{digest}"));
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Nixery.Server.Tests;

/// <summary>The registry that stores in its own memory: for a try, gone with the process.</summary>
public sealed class MemoryStorageTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly Registry _registry = new();

    public async Task InitializeAsync()
    {
        _registry.More["Nixery:Storage:Kind"] = "memory";
        await _registry.InitializeAsync();
    }

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_image_is_pulled_whole_and_nothing_of_it_is_on_the_disk()
    {
        foreach (var digest in await BlobsAsync("large"))
        {
            var blob = await _registry.Client.GetByteArrayAsync($"/v2/large/blobs/{digest}");
            Convert.ToHexStringLower(SHA256.HashData(blob)).Should().Be(digest["sha256:".Length..]);
        }

        var found = await _registry.Check.RunAsync(CancellationToken.None);
        found.Findings.Should().BeEmpty();
        found.Blobs.Should().BeGreaterThan(3);
        Directory.Exists(_registry.StorageFolder).Should().BeFalse();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_next_process_builds_the_same_once_more()
    {
        var before = await BlobsAsync("large");
        await BlobsAsync("large");
        _registry.Builder.Realisations.Should().Be(1);

        await _registry.RestartAsync();

        (await BlobsAsync("large")).Should().Equal(before);
        _registry.Builder.Realisations.Should().Be(2);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_image_that_is_larger_than_the_limit_is_put_off_with_the_reason()
    {
        _registry.More["Nixery:Storage:MaxBytes"] = "1000000";
        await _registry.RestartAsync();

        using var large = await _registry.Client.GetAsync("/v2/large/manifests/latest");

        large.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, await large.Content.ReadAsStringAsync());
        large.Headers.RetryAfter.Should().NotBeNull();
        (await large.Content.ReadAsStringAsync()).Should().Contain("1000000 bytes");
        (await BlobsAsync("hello")).Should().NotBeEmpty("that has room");
    }

    private async Task<List<string>> BlobsAsync(string image)
    {
        using var manifest = JsonDocument.Parse(await _registry.Client.GetByteArrayAsync($"/v2/{image}/manifests/latest"));
        return [.. manifest.RootElement.GetProperty("layers").EnumerateArray().Append(manifest.RootElement.GetProperty("config")).Select(b => b.GetProperty("digest").GetString()!)];
    }
}

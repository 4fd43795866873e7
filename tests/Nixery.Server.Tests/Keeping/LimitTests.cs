using System.Net;
using System.Text.Json;

namespace Nixery.Server.Tests.Keeping;

/// <summary>What clients see of a storage with a limit, and what they leave in it.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly Registry _registry = new();

    public async Task InitializeAsync()
    {
        _registry.More["Nixery:Storage:MaxBytes"] = "2500000";
        await _registry.InitializeAsync();
    }

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_image_for_which_nothing_may_go_is_put_off_with_a_reason_and_what_is_stored_is_served()
    {
        using var large = await _registry.Client.GetAsync("/v2/large/manifests/latest");
        large.StatusCode.Should().Be(HttpStatusCode.OK);
        using var second = await _registry.Client.GetAsync("/v2/block-11/block-12/manifests/latest");
        second.StatusCode.Should().Be(HttpStatusCode.OK);

        using var third = await _registry.Client.GetAsync("/v2/block-13/block-14/block-15/manifests/latest");

        third.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        third.Headers.RetryAfter.Should().NotBeNull();
        using var error = JsonDocument.Parse(await third.Content.ReadAsStringAsync());
        error.RootElement.GetProperty("errors")[0].GetProperty("message").GetString().Should().Contain("limit of 2500000 bytes").And.Contain("600 s");
        using var again = await _registry.Client.GetAsync("/v2/large/manifests/latest");
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        using var known = await _registry.Client.GetAsync($"/v2/large/blobs/{await LayerAsync(again)}");
        known.StatusCode.Should().Be(HttpStatusCode.OK);
        (await _registry.Check.RunAsync(CancellationToken.None)).Findings.Should().BeEmpty();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_use_is_written_down_once_a_day_however_often_an_image_is_pulled()
    {
        for (var i = 0; i < 3; i++)
        {
            using var answer = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
            using var byDigest = await _registry.Client.GetAsync($"/v2/hello/manifests/{answer.Headers.GetValues("Docker-Content-Digest").Single()}");
            byDigest.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        // What waits to be written is written at its end.
        await _registry.RestartAsync();
        var uses = new DirectoryInfo(Path.Combine(_registry.StorageFolder, "records", "use")).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        uses.Should().ContainSingle();
        JsonDocument.Parse(await File.ReadAllTextAsync(uses[0].FullName)).RootElement.GetProperty("Day").GetString()
            .Should().Be($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_manifest_that_is_gone_is_not_served_from_memory_for_longer_than_a_moment()
    {
        using var answer = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        var digest = answer.Headers.GetValues("Docker-Content-Digest").Single();
        File.Delete(Directory.EnumerateFiles(_registry.StorageFolder, digest["sha256:".Length..], SearchOption.AllDirectories).Single());

        while (await StatusAsync($"/v2/hello/manifests/{digest}") != HttpStatusCode.NotFound)
        {
            await Task.Yield();
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await _registry.Client.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<string> LayerAsync(HttpResponseMessage manifest) =>
        JsonDocument.Parse(await manifest.Content.ReadAsStringAsync()).RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!;
}

using System.Net;
using System.Text.Json;
using Nixery.Server.Versions;

namespace Nixery.Server.Tests.Sight;

public sealed class SightTests : IAsyncLifetime
{
    private const int Limit = 60_000;

    private readonly Registry _registry = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task Alive_says_which_revision_it_is()
    {
        await _registry.InitializeAsync();

        var (status, body) = await GetAsync("/healthz");

        status.Should().Be(HttpStatusCode.OK);
        body.GetProperty("status").GetString().Should().Be("alive");
        body.GetProperty("revision").GetString().Should().Be(Revision.Current.Text);
    }

    [Fact(Timeout = Limit)]
    public async Task Ready_has_storage_Nix_source_and_disk_each_with_its_age()
    {
        await _registry.InitializeAsync();

        var body = await ReadyAsync("ready", "degraded");

        var checks = body.GetProperty("checks").EnumerateObject().ToDictionary(c => c.Name, c => c.Value);
        checks.Keys.Should().BeEquivalentTo("storage", "nix", "source", "disk");
        checks["storage"].GetProperty("state").GetString().Should().Be("ok");
        checks.Values.Should().OnlyContain(c => c.GetProperty("ageSeconds").GetInt64() >= 0);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_room_on_the_disk_what_is_stored_is_served_and_nothing_else_until_there_is_room()
    {
        await _registry.InitializeAsync();
        using (var before = await _registry.Client.GetAsync("/v2/hello/manifests/latest"))
        {
            before.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        _registry.More["Nixery:Headroom:DiskBytes"] = "9000000000000000000";
        await _registry.RestartAsync();
        var realisations = _registry.Builder.Realisations;
        using var known = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        using var refused = await _registry.Client.GetAsync("/v2/git/manifests/latest");

        known.StatusCode.Should().Be(HttpStatusCode.OK);
        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta.Should().BePositive();
        (await refused.Content.ReadAsStringAsync()).Should().Contain("nearly full");
        _registry.Builder.Realisations.Should().Be(realisations);
        (await ReadyAsync("degraded")).GetProperty("checks").GetProperty("disk").GetProperty("problem").GetString().Should().Contain("nearly full");
    }

    [Fact(Timeout = Limit)]
    public async Task Without_memory_nothing_new_is_built_either()
    {
        _registry.More["Nixery:Headroom:MemoryBytes"] = "9000000000000000000";
        await _registry.InitializeAsync();

        using var refused = await _registry.Client.GetAsync("/v2/git/manifests/latest");

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("hardly any memory left");
    }

    [Theory(Timeout = Limit)]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Nothing_can_be_sent_to_these_pages(string page)
    {
        await _registry.InitializeAsync();

        using var answer = await _registry.Client.PostAsync(page, null);

        ((int)answer.StatusCode).Should().BeInRange(400, 499);
    }

    /// <summary>Waits until each thing was looked at once.</summary>
    private async Task<JsonElement> ReadyAsync(params string[] expected)
    {
        while (true)
        {
            var (_, body) = await GetAsync("/readyz");
            if (body.GetProperty("checks").EnumerateObject().All(c => c.Value.GetProperty("state").GetString() != "unknown"))
            {
                body.GetProperty("status").GetString().Should().BeOneOf(expected);
                return body;
            }
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var answer = await _registry.Client.GetAsync(path);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode, document.RootElement.Clone());
    }
}

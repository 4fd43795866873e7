using System.Net;
using System.Text.Json;

namespace Nixery.Server.Tests.Limits;

/// <summary>What who runs the registry does not let into images.</summary>
public sealed class PolicyTests : IAsyncLifetime
{
    private const int Limit = 60_000;
    private readonly Registry _registry = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task An_image_of_too_many_packages_is_refused_before_anything_is_asked()
    {
        await StartAsync(("Limits:Packages", "2"));

        (await MessageAsync("a/b/c", HttpStatusCode.Forbidden)).Should().Contain("3 packages").And.Contain("2 at most");
        (await MessageAsync("shell", HttpStatusCode.Forbidden)).Should().Contain("4 packages", "a preset is what it stands for");
        _registry.Builder.Evaluations.Should().Be(0);
        using var two = await _registry.Client.GetAsync("/v2/a/b/arm64/manifests/latest");
        two.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task A_closure_that_is_too_large_is_refused_with_its_size_before_anything_is_packed()
    {
        await StartAsync(("Limits:ClosureBytes", "150000"));
        using var small = await _registry.Client.GetAsync("/v2/git/manifests/latest");
        small.StatusCode.Should().Be(HttpStatusCode.OK);
        var blobs = Blobs();

        var message = await MessageAsync("large", HttpStatusCode.Forbidden);
        var again = await MessageAsync("large", HttpStatusCode.Forbidden);

        message.Should().MatchRegex("^the image has 210[0-9]{4} bytes in 2 store paths, .* 150000 bytes at most").And.Contain("large-1.0");
        again.Should().Be(message, "it is remembered how large it is");
        _registry.Builder.Realisations.Should().Be(2);
        Blobs().Should().BeEquivalentTo(blobs);
    }

    [Fact(Timeout = Limit)]
    public async Task A_closure_that_a_binary_cache_tells_is_refused_before_it_is_fetched()
    {
        await StartAsync(("Limits:ClosureBytes", "50000"));
        _registry.Builder.CanForesee = true;

        (await MessageAsync("git", HttpStatusCode.Forbidden)).Should().Contain("50000 bytes at most");

        _registry.Builder.Realisations.Should().Be(0);
    }

    [Fact(Timeout = Limit)]
    public async Task With_a_list_of_allowed_packages_there_are_no_others_also_none_that_a_preset_brings()
    {
        await StartAsync(("Policy:AllowPackages:0", "git"), ("Policy:AllowPackages:1", "python3*"));

        (await MessageAsync("git/shell", HttpStatusCode.Forbidden)).Should().Contain("bashinteractive is not among").And.Contain("nano is not among");
        using var allowed = await _registry.Client.GetAsync("/v2/git/python3packages.numpy/manifests/latest");
        allowed.StatusCode.Should().Be(HttpStatusCode.OK);
        using var tags = await _registry.Client.GetAsync("/v2/hello/tags/list");
        tags.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory(Timeout = Limit)]
    [InlineData("DenyLicences:0", "MIT", "a licence that this registry does not allow (MIT")]
    [InlineData("AllowLicences:0", "GPL-*", "not among those that this registry allows (MIT")]
    public async Task Licences_are_looked_at_also_of_what_is_stored_already(string rule, string licence, string expected)
    {
        await StartAsync();
        using var before = await _registry.Client.GetAsync("/v2/git/manifests/latest");
        before.StatusCode.Should().Be(HttpStatusCode.OK);

        _registry.More[$"Nixery:Policy:{rule}"] = licence;
        await _registry.RestartAsync();

        (await MessageAsync("git", HttpStatusCode.Forbidden)).Should().Contain(expected);
        _registry.Builder.Evaluations.Should().Be(1, "what was said of a package is remembered");
    }

    private Task StartAsync(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            _registry.More[$"Nixery:{name}"] = value;
        }

        return _registry.InitializeAsync();
    }

    private IReadOnlyList<string> Blobs() =>
        [.. Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, "blobs"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task<string> MessageAsync(string image, HttpStatusCode status)
    {
        using var answer = await _registry.Client.GetAsync($"/v2/{image}/manifests/latest");
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(status, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("errors")[0].GetProperty("message").GetString()!;
    }
}

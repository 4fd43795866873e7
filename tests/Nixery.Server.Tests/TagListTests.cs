using System.Net;
using Nixery.Building;
using Nixery.Images;
using static Nixery.Server.Tests.PinnedRegistry;

namespace Nixery.Server.Tests;

/// <summary>The tags that an image can be pulled by, over HTTP.</summary>
public sealed class TagListTests : IAsyncLifetime
{
    private const int Limit = 120_000;
    private readonly PinnedRegistry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task Tags_of_a_repository_are_its_branches_and_tags_and_the_pins_at_which_the_image_is_stored()
    {
        await _registry.GitAsync("branch", "release/25.11");
        await _registry.GitAsync("-c", "user.name=t", "-c", "user.email=t@t.invalid", "tag", "--annotate", "--message", "x", "v1");
        await _registry.GitAsync("branch", "no@tag");
        // A look at the references is shared for two seconds, and the server has looked at its start.
        _registry.Time.Advance(TimeSpan.FromSeconds(3));
        using var main = await _registry.GetAsync("/v2/team/hello/manifests/main");
        using var first = await _registry.GetAsync($"/v2/team/hello/manifests/{_registry.First}");

        (await TagsAsync("team/hello")).Should().BeEquivalentTo(["latest", "main", "release--25.11", "v1", _registry.Head, _registry.First], "a tag of an image has no '@'");
        (await TagsAsync("team/git")).Should().BeEquivalentTo(["latest", "main", "release--25.11", "v1"]);
        (await TagsAsync("hello")).Should().Equal("latest");
        foreach (var tag in await TagsAsync("team/hello"))
        {
            (await _registry.GetAsync($"/v2/team/hello/manifests/{tag}")).StatusCode.Should().Be(HttpStatusCode.OK, tag);
        }

        Directory.Delete(_registry.Repository, recursive: true);
        _registry.Time.Advance(TimeSpan.FromMinutes(6));
        (await TagsAsync("team/hello")).Should().Contain(["latest", "v1", _registry.Head], "what the repository had last is still listed");
    }

    [Fact(Timeout = Limit)]
    public async Task A_list_of_tags_loses_none_while_packages_cannot_be_looked_at_and_latest_alone_when_one_is_gone()
    {
        using var stored = await _registry.GetAsync("/v2/team/hello/manifests/latest");
        await _registry.CommitAsync();
        _registry.Time.Advance(TimeSpan.FromMinutes(6));

        _registry.Inner.Builder.Ending = new EvaluationOutcome.Unavailable("Nix is away");
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("latest", "main", _registry.Head);
        _registry.Inner.Builder.Ending = new EvaluationOutcome.Busy();
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("latest", "main", _registry.Head);
        (await _registry.GetAsync("/v2/team/git/tags/list", "application/json")).StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        _registry.Inner.Builder.Ending = new EvaluationOutcome.Answered(
            [new PackageAnswer.NotFound(PackageName.Parse("hello"), [], []), .. MetaPackages.Base.Select(b => new PackageAnswer.NotFound(b, [], []))], null);
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("main", _registry.Head);
    }

    [Fact(Timeout = Limit)]
    public async Task Equal_lists_share_one_evaluation_and_invented_names_wait_in_a_queue_of_their_own()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.Inner.Builder.EvaluationGate = gate.Task;
        var equal = Enumerable.Range(0, 6).Select(_ => _registry.GetAsync("/v2/hello/tags/list", "application/json")).ToList();
        while (_registry.Inner.Builder.Evaluations == 0)
        {
            await Task.Yield();
        }

        var invented = Enumerable.Range(0, 40).Select(i => _registry.GetAsync($"/v2/invented{i}/tags/list", "application/json")).ToList();
        var refused = await Task.WhenAny(invented);
        var before = _registry.Inner.Builder.Evaluations;
        var pull = _registry.GetAsync("/v2/git/manifests/latest");
        while (_registry.Inner.Builder.Evaluations == before)
        {
            await Task.Yield();
        }

        gate.SetResult();
        (await refused).StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        (await pull).StatusCode.Should().Be(HttpStatusCode.OK);
        (await Task.WhenAll(equal)).Should().OnlyContain(a => a.StatusCode == HttpStatusCode.OK);
        (await Task.WhenAll(invented)).Should().OnlyContain(a => a.StatusCode == HttpStatusCode.TooManyRequests || a.StatusCode == HttpStatusCode.OK);
        before.Should().Be(1, "all lists together have one place");
    }

    [Fact(Timeout = Limit)]
    public async Task Tags_of_a_folder_are_latest_and_the_fingerprints_at_which_the_image_is_stored()
    {
        using var before = await _registry.GetAsync("/v2/hello/manifests/latest");
        await File.WriteAllTextAsync(Path.Combine(_registry.Inner.Folder, "packages", "default.nix"), "{ x = 2; }");
        _registry.Time.Advance(TimeSpan.FromSeconds(2));
        using var after = await _registry.GetAsync("/v2/hello/manifests/latest");
        string[] pins = [Header(before, "Nixery-Pinned-Tag"), Header(after, "Nixery-Pinned-Tag")];

        (await TagsAsync("hello")).Should().Equal(pins.Order(StringComparer.Ordinal).Append("latest"));
        await _registry.Inner.RestartAsync();
        (await TagsAsync("hello")).Should().Equal(pins.Order(StringComparer.Ordinal).Append("latest"));

        Directory.Delete(Path.Combine(_registry.Inner.StorageFolder, "records", "repository"), recursive: true);
        await _registry.Inner.RestartAsync();
        (await TagsAsync("hello")).Should().Equal([pins[1], "latest"], "what an older version made is stored at the pin of latest");

        Directory.Delete(Path.Combine(_registry.Inner.StorageFolder, "blobs"), recursive: true);
        _registry.Time.Advance(TimeSpan.FromSeconds(2));
        (await TagsAsync("hello")).Should().Equal(["latest"], "a tag that cannot be pulled is none");
    }

    private async Task<IReadOnlyList<string>> TagsAsync(string name) =>
        [.. (await JsonOfAsync(await _registry.GetAsync($"/v2/{name}/tags/list", "application/json"))).GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];
}

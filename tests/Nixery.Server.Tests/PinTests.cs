using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Building.Nix;
using Nixery.Tests;

namespace Nixery.Server.Tests;

/// <summary>What a tag means, over HTTP: a folder as the default source, and a git repository as the set <c>team</c>.</summary>
public sealed class PinTests : IAsyncLifetime
{
    private const int Limit = 120_000;
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private readonly ManualTime _time = new();
    private readonly Registry _registry;
    private string _first = "";
    private string _head = "";

    public PinTests() => _registry = new Registry { Time = _time };

    private string Repository => Path.Combine(_registry.Folder, "repository");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Repository);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        _first = await CommitAsync();
        _head = await CommitAsync();
        _registry.More["Nixery:Source:StatePath"] = Path.Combine(_registry.Folder, "git");
        _registry.More["Nixery:Sets:team:Git"] = $"file://someone:pass-word@localhost{Repository}";
        await _registry.InitializeAsync();
    }

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task A_manifest_by_tag_says_its_pin_and_can_be_pulled_by_it_again()
    {
        using var latest = await GetAsync("/v2/hello/manifests/latest");
        var revision = Header(latest, "Nixery-Revision");
        using var pinned = await GetAsync($"/v2/hello/manifests/{Header(latest, "Nixery-Pinned-Tag")}");
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v2/hello/manifests/latest"));

        revision.Should().MatchRegex("^[0-9a-f]{64}$");
        DigestOf(pinned).Should().Be(DigestOf(latest));
        Header(head, "Nixery-Revision").Should().Be(revision);
        var manifest = await JsonOfAsync(latest);
        manifest.GetProperty("annotations").GetProperty("org.opencontainers.image.revision").GetString().Should().Be(revision);
    }

    [Fact(Timeout = Limit)]
    public async Task A_manifest_of_the_docker_family_has_no_annotations()
    {
        using var answer = await GetAsync("/v2/hello/manifests/latest", "application/vnd.docker.distribution.manifest.v2+json");

        (await JsonOfAsync(answer)).TryGetProperty("annotations", out _).Should().BeFalse();
    }

    [Fact(Timeout = Limit)]
    public async Task After_an_edit_what_was_made_can_be_had_by_its_fingerprint_and_nothing_else()
    {
        using var before = await GetAsync("/v2/hello/manifests/latest");
        var fingerprint = Header(before, "Nixery-Pinned-Tag");

        await File.WriteAllTextAsync(Path.Combine(_registry.Folder, "packages", "default.nix"), "{ x = 1; }");
        _time.Advance(TimeSpan.FromSeconds(2));

        using var after = await GetAsync("/v2/hello/manifests/latest");
        using var again = await GetAsync($"/v2/hello/manifests/{fingerprint}");
        using var never = await GetAsync($"/v2/git/manifests/{fingerprint}");
        DigestOf(after).Should().NotBe(DigestOf(before));
        DigestOf(again).Should().Be(DigestOf(before));
        never.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await never.Content.ReadAsStringAsync()).Should().Contain("MANIFEST_UNKNOWN").And.Contain("has changed since");
    }

    [Fact(Timeout = Limit)]
    public async Task A_set_is_chosen_by_the_first_component_and_the_same_names_do_not_mix()
    {
        using var plain = await GetAsync("/v2/hello/manifests/latest");
        using var team = await GetAsync("/v2/team/hello/manifests/latest");
        using var first = await GetAsync($"/v2/team/hello/manifests/{_first[..7]}");
        using var unknown = await GetAsync("/v2/team/hello/manifests/nosuch");
        using var alone = await GetAsync("/v2/team/manifests/latest");

        Header(team, "Nixery-Revision").Should().Be(_head);
        Header(first, "Nixery-Pinned-Tag").Should().Be(_first);
        new[] { DigestOf(plain), DigestOf(team), DigestOf(first) }.Should().OnlyHaveUniqueItems();
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        alone.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var byDigest = await GetAsync($"/v2/team/hello/manifests/{DigestOf(team)}");
        byDigest.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task A_moved_branch_is_the_old_one_until_its_time_is_over_and_images_stay_up_when_the_repository_is_gone()
    {
        using var before = await GetAsync("/v2/team/hello/manifests/main");
        var moved = await CommitAsync();
        using var within = await GetAsync("/v2/team/hello/manifests/main");
        _time.Advance(TimeSpan.FromMinutes(6));
        using var after = await GetAsync("/v2/team/hello/manifests/main");
        Directory.Delete(Repository, recursive: true);
        _time.Advance(TimeSpan.FromMinutes(6));
        using var gone = await GetAsync("/v2/team/hello/manifests/main");

        DigestOf(within).Should().Be(DigestOf(before));
        Header(after, "Nixery-Revision").Should().Be(moved);
        DigestOf(gone).Should().Be(DigestOf(after));
        (await GetAsync($"/v2/team/hello/manifests/{DigestOf(before)}")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await GetAsync($"/v2/team/hello/manifests/{_head}")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await StatusAsync()).GetProperty("sets")[1].GetProperty("pins").EnumerateArray()
            .Single(p => p.GetProperty("tag").GetString() == "main").GetProperty("failure").GetString().Should().Contain("cannot be asked");
    }

    [Fact(Timeout = Limit)]
    public async Task The_status_has_each_set_with_its_pins_and_no_secrets()
    {
        await GetAsync("/v2/hello/manifests/latest");
        await GetAsync("/v2/team/hello/manifests/main");
        _time.Advance(TimeSpan.FromSeconds(90));

        var status = await StatusAsync();

        var sets = status.GetProperty("sets");
        sets[0].GetProperty("source").GetString().Should().Be("folder");
        sets[0].GetProperty("pins")[0].GetProperty("tag").GetString().Should().Be("latest");
        sets[1].GetProperty("name").GetString().Should().Be("team");
        sets[1].GetProperty("pins")[0].GetProperty("revision").GetString().Should().Be(_head);
        sets[1].GetProperty("pins")[0].GetProperty("ageSeconds").GetInt64().Should().Be(90);
        status.GetRawText().Should().NotContain("pass-word").And.NotContain("someone");
    }

    [Fact(Timeout = Limit)]
    public async Task Tags_of_a_repository_are_its_branches_and_tags_and_the_pins_at_which_the_image_is_stored()
    {
        await GitAsync("branch", "release/25.11");
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@t.invalid", "tag", "--annotate", "--message", "x", "v1");
        await GitAsync("branch", "no@tag");
        // A look at the references is shared for two seconds, and the server has looked at its start.
        _time.Advance(TimeSpan.FromSeconds(3));
        using var main = await GetAsync("/v2/team/hello/manifests/main");
        using var first = await GetAsync($"/v2/team/hello/manifests/{_first}");

        (await TagsAsync("team/hello")).Should().BeEquivalentTo(["latest", "main", "release--25.11", "v1", _head, _first], "a tag of an image has no '@'");
        (await TagsAsync("team/git")).Should().BeEquivalentTo(["latest", "main", "release--25.11", "v1"]);
        (await TagsAsync("hello")).Should().Equal("latest");
        foreach (var tag in await TagsAsync("team/hello"))
        {
            (await GetAsync($"/v2/team/hello/manifests/{tag}")).StatusCode.Should().Be(HttpStatusCode.OK, tag);
        }

        Directory.Delete(Repository, recursive: true);
        _time.Advance(TimeSpan.FromMinutes(6));
        (await TagsAsync("team/hello")).Should().Contain(["latest", "v1", _head], "what the repository had last is still listed");
    }

    [Fact(Timeout = Limit)]
    public async Task A_list_of_tags_loses_none_while_packages_cannot_be_looked_at_and_latest_alone_when_one_is_gone()
    {
        using var stored = await GetAsync("/v2/team/hello/manifests/latest");
        await CommitAsync();
        _time.Advance(TimeSpan.FromMinutes(6));

        _registry.Builder.Ending = new Building.EvaluationOutcome.Unavailable("Nix is away");
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("latest", "main", _head);
        _registry.Builder.Ending = new Building.EvaluationOutcome.Busy();
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("latest", "main", _head);
        (await GetAsync("/v2/team/git/tags/list", "application/json")).StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        _registry.Builder.Ending = new Building.EvaluationOutcome.Answered(
            [new Building.PackageAnswer.NotFound(Images.PackageName.Parse("hello"), [], []), .. Images.MetaPackages.Base.Select(b => new Building.PackageAnswer.NotFound(b, [], []))], null);
        (await TagsAsync("team/hello")).Should().BeEquivalentTo("main", _head);
    }

    [Fact(Timeout = Limit)]
    public async Task Equal_lists_share_one_evaluation_and_invented_names_wait_in_a_queue_of_their_own()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.Builder.EvaluationGate = gate.Task;
        var equal = Enumerable.Range(0, 6).Select(_ => GetAsync("/v2/hello/tags/list", "application/json")).ToList();
        while (_registry.Builder.Evaluations == 0)
        {
            await Task.Yield();
        }

        var invented = Enumerable.Range(0, 40).Select(i => GetAsync($"/v2/invented{i}/tags/list", "application/json")).ToList();
        var refused = await Task.WhenAny(invented);
        var before = _registry.Builder.Evaluations;
        var pull = GetAsync("/v2/git/manifests/latest");
        while (_registry.Builder.Evaluations == before)
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
        using var before = await GetAsync("/v2/hello/manifests/latest");
        await File.WriteAllTextAsync(Path.Combine(_registry.Folder, "packages", "default.nix"), "{ x = 2; }");
        _time.Advance(TimeSpan.FromSeconds(2));
        using var after = await GetAsync("/v2/hello/manifests/latest");
        string[] pins = [Header(before, "Nixery-Pinned-Tag"), Header(after, "Nixery-Pinned-Tag")];

        (await TagsAsync("hello")).Should().Equal(pins.Order(StringComparer.Ordinal).Append("latest"));
        await _registry.RestartAsync();
        (await TagsAsync("hello")).Should().Equal(pins.Order(StringComparer.Ordinal).Append("latest"));

        Directory.Delete(Path.Combine(_registry.StorageFolder, "records", "repository"), recursive: true);
        await _registry.RestartAsync();
        (await TagsAsync("hello")).Should().Equal([pins[1], "latest"], "what an older version made is stored at the pin of latest");

        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);
        _time.Advance(TimeSpan.FromSeconds(2));
        (await TagsAsync("hello")).Should().Equal(["latest"], "a tag that cannot be pulled is none");
    }

    private async Task<IReadOnlyList<string>> TagsAsync(string name) =>
        [.. (await JsonOfAsync(await GetAsync($"/v2/{name}/tags/list", "application/json"))).GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static string DigestOf(HttpResponseMessage answer) => Header(answer, "Docker-Content-Digest");

    private static async Task<JsonElement> JsonOfAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private async Task<JsonElement> StatusAsync() => await JsonOfAsync(await GetAsync("/status", "application/json"));

    private async Task<HttpResponseMessage> GetAsync(string path, string accept = OciManifest)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return await _registry.Client.SendAsync(request);
    }

    private async Task<string> CommitAsync()
    {
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "--quiet", "--allow-empty", "--message", Guid.NewGuid().ToString());
        return (await GitAsync("rev-parse", "HEAD")).Trim();
    }

    private async Task<string> GitAsync(params string[] arguments) =>
        (await new NixProcess(TimeProvider.System, NullLogger<NixProcess>.Instance).RunAsync(
            new ProcessCommand("git", ["-C", Repository, .. arguments], new Dictionary<string, string>()), TimeSpan.FromMinutes(1), CancellationToken.None))
        .Should().BeOfType<ProcessOutcome.Exited>().Which.Output;
}

using System.Net;
using System.Text.Json;
using static Nixery.Server.Tests.PinnedRegistry;

namespace Nixery.Server.Tests;

/// <summary>What a tag means, over HTTP: a folder as the default source, and a git repository as the set <c>team</c>.</summary>
public sealed class PinTests : IAsyncLifetime
{
    private const int Limit = 120_000;
    private readonly PinnedRegistry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task A_manifest_by_tag_says_its_pin_and_can_be_pulled_by_it_again()
    {
        using var latest = await _registry.GetAsync("/v2/hello/manifests/latest");
        var revision = Header(latest, "Nixery-Revision");
        using var pinned = await _registry.GetAsync($"/v2/hello/manifests/{Header(latest, "Nixery-Pinned-Tag")}");
        using var head = await _registry.Inner.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v2/hello/manifests/latest"));

        revision.Should().MatchRegex("^[0-9a-f]{64}$");
        DigestOf(pinned).Should().Be(DigestOf(latest));
        Header(head, "Nixery-Revision").Should().Be(revision);
        var manifest = await JsonOfAsync(latest);
        manifest.GetProperty("annotations").GetProperty("org.opencontainers.image.revision").GetString().Should().Be(revision);
    }

    [Fact(Timeout = Limit)]
    public async Task A_manifest_of_the_docker_family_has_no_annotations()
    {
        using var answer = await _registry.GetAsync("/v2/hello/manifests/latest", "application/vnd.docker.distribution.manifest.v2+json");

        (await JsonOfAsync(answer)).TryGetProperty("annotations", out _).Should().BeFalse();
    }

    [Fact(Timeout = Limit)]
    public async Task After_an_edit_what_was_made_can_be_had_by_its_fingerprint_and_nothing_else()
    {
        using var before = await _registry.GetAsync("/v2/hello/manifests/latest");
        var fingerprint = Header(before, "Nixery-Pinned-Tag");

        await File.WriteAllTextAsync(Path.Combine(_registry.Inner.Folder, "packages", "default.nix"), "{ x = 1; }");
        _registry.Time.Advance(TimeSpan.FromSeconds(2));

        using var after = await _registry.GetAsync("/v2/hello/manifests/latest");
        using var again = await _registry.GetAsync($"/v2/hello/manifests/{fingerprint}");
        using var never = await _registry.GetAsync($"/v2/git/manifests/{fingerprint}");
        DigestOf(after).Should().NotBe(DigestOf(before));
        DigestOf(again).Should().Be(DigestOf(before));
        never.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await never.Content.ReadAsStringAsync()).Should().Contain("MANIFEST_UNKNOWN").And.Contain("has changed since");
    }

    [Fact(Timeout = Limit)]
    public async Task A_set_is_chosen_by_the_first_component_and_the_same_names_do_not_mix()
    {
        using var plain = await _registry.GetAsync("/v2/hello/manifests/latest");
        using var team = await _registry.GetAsync("/v2/team/hello/manifests/latest");
        using var first = await _registry.GetAsync($"/v2/team/hello/manifests/{_registry.First[..7]}");
        using var unknown = await _registry.GetAsync("/v2/team/hello/manifests/nosuch");
        using var alone = await _registry.GetAsync("/v2/team/manifests/latest");

        Header(team, "Nixery-Revision").Should().Be(_registry.Head);
        Header(first, "Nixery-Pinned-Tag").Should().Be(_registry.First);
        new[] { DigestOf(plain), DigestOf(team), DigestOf(first) }.Should().OnlyHaveUniqueItems();
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        alone.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var byDigest = await _registry.GetAsync($"/v2/team/hello/manifests/{DigestOf(team)}");
        byDigest.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task A_moved_branch_is_the_old_one_until_its_time_is_over_and_images_stay_up_when_the_repository_is_gone()
    {
        using var before = await _registry.GetAsync("/v2/team/hello/manifests/main");
        var moved = await _registry.CommitAsync();
        using var within = await _registry.GetAsync("/v2/team/hello/manifests/main");
        _registry.Time.Advance(TimeSpan.FromMinutes(6));
        using var after = await _registry.GetAsync("/v2/team/hello/manifests/main");
        Directory.Delete(_registry.Repository, recursive: true);
        _registry.Time.Advance(TimeSpan.FromMinutes(6));
        using var gone = await _registry.GetAsync("/v2/team/hello/manifests/main");

        DigestOf(within).Should().Be(DigestOf(before));
        Header(after, "Nixery-Revision").Should().Be(moved);
        DigestOf(gone).Should().Be(DigestOf(after));
        (await _registry.GetAsync($"/v2/team/hello/manifests/{DigestOf(before)}")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _registry.GetAsync($"/v2/team/hello/manifests/{_registry.Head}")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await StatusAsync()).GetProperty("sets")[1].GetProperty("pins").EnumerateArray()
            .Single(p => p.GetProperty("tag").GetString() == "main").GetProperty("failure").GetString().Should().Contain("cannot be asked");
    }

    [Fact(Timeout = Limit)]
    public async Task The_status_has_each_set_with_its_pins_and_no_secrets()
    {
        await _registry.GetAsync("/v2/hello/manifests/latest");
        await _registry.GetAsync("/v2/team/hello/manifests/main");
        _registry.Time.Advance(TimeSpan.FromSeconds(90));

        var status = await StatusAsync();

        var sets = status.GetProperty("sets");
        sets[0].GetProperty("source").GetString().Should().Be("folder");
        sets[0].GetProperty("pins")[0].GetProperty("tag").GetString().Should().Be("latest");
        sets[1].GetProperty("name").GetString().Should().Be("team");
        sets[1].GetProperty("pins")[0].GetProperty("revision").GetString().Should().Be(_registry.Head);
        sets[1].GetProperty("pins")[0].GetProperty("ageSeconds").GetInt64().Should().Be(90);
        status.GetRawText().Should().NotContain("pass-word").And.NotContain("someone");
    }

    private static string DigestOf(HttpResponseMessage answer) => Header(answer, "Docker-Content-Digest");

    private async Task<JsonElement> StatusAsync() => await JsonOfAsync(await _registry.GetAsync("/status", "application/json"));
}

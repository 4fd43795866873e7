using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class ContainerdTests(BundledServer bundled, ContainerdDaemon containerd) : IClassFixture<ContainerdDaemon>
{
    private const int Limit = 120_000;
    private const string Image = "htop";

    [Fact(Timeout = Limit)]
    public async Task A_pulled_image_runs_its_programs()
    {
        var reference = $"{bundled.Server.Host}/{BundledServer.Image}:latest";
        (await containerd.PullAsync(reference)).Succeeded();

        (await containerd.RunContainerAsync(reference, "git", "--version")).Succeeded().Output.Should().StartWith("git version 2.");
        (await containerd.RunContainerAsync(reference, "id")).Succeeded().Output.Should().StartWith("uid=0(root) gid=0(root)");
    }

    [Fact(Timeout = Limit)]
    public async Task An_image_is_pulled_by_its_digest()
    {
        var reference = $"{bundled.Server.Host}/{Image}@{(await bundled.PullAsync(Image)).ManifestDigest}";

        (await containerd.PullAsync(reference)).Succeeded();

        (await containerd.RunContainerAsync(reference, "htop", "--version")).Succeeded().Output.Should().StartWith("htop 3.");
    }

    [Fact(Timeout = Limit)]
    public async Task A_mirror_is_told_for_which_registry_it_stands_and_gives_its_own_packages()
    {
        const string Registry = "packages.example";
        await using var relay = new RecordingRelay(bundled.Server.Address);

        (await containerd.PullThroughMirrorAsync(relay.Address, Registry, "jq:latest")).Succeeded();

        relay.Requests.Should().Contain($"HEAD /v2/jq/manifests/latest?ns={Registry}");
        relay.Requests.Should().Contain(r => r.StartsWith("GET /v2/jq/blobs/sha256:", StringComparison.Ordinal));
        relay.Requests.Should().OnlyContain(r => r.EndsWith($"?ns={Registry}", StringComparison.Ordinal));
        (await containerd.RunContainerAsync($"{Registry}/jq:latest", "jq", "--version")).Succeeded().Output.Should().StartWith("jq-1.");
    }
}

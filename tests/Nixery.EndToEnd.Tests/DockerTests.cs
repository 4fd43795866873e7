using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class DockerTests(BundledServer bundled, OverlayDocker docker) : IClassFixture<OverlayDocker>
{
    private const int Limit = 180_000;

    private string Reference => $"{bundled.Server.Host}/{BundledServer.Image}";

    [Fact(Timeout = Limit)]
    public async Task A_pulled_image_runs_its_programs()
    {
        await PullAsync();

        (await InContainerAsync("git", "--version")).Should().StartWith("git version 2.");
        (await InContainerAsync("htop", "--version")).Should().StartWith("htop 3.");
        (await InContainerAsync("id")).Should().StartWith("uid=0(root) gid=0(root)");
    }

    [Fact(Timeout = Limit)]
    public async Task The_root_directory_may_be_entered_by_everyone()
    {
        await PullAsync();

        (await InContainerAsync("ls", "-ld", "/")).Should().StartWith("drwxr-xr-x");
    }

    [Fact(Timeout = Limit)]
    public async Task A_user_who_is_not_root_can_write_temporary_files()
    {
        await PullAsync();

        var ran = await docker.RunContainerAsync(Reference, ["--user", "1000:1000"], "sh", "-c", "echo hello > $(mktemp) && echo hello > /var/tmp/mine");

        ran.Succeeded();
    }

    [Fact(Timeout = Limit)]
    public async Task What_Docker_pulled_by_its_digest_is_what_the_registry_named()
    {
        await PullAsync();
        using var client = bundled.Server.CreateClient();

        var inspected = await docker.RunAsync("inspect", "--format", "{{index .RepoDigests 0}}", Reference);
        var digest = inspected.Succeeded().Output.Trim().Split('@')[1];

        (await client.ManifestAsync(BundledServer.Image, accept: null, digest)).Status.Should().Be(200);
    }

    private async Task PullAsync() => (await docker.RunAsync("pull", "--quiet", Reference)).Succeeded();

    private async Task<string> InContainerAsync(params string[] command) =>
        (await docker.RunContainerAsync(Reference, [], command)).Succeeded().Output;
}

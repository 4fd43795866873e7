using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>What a person in front of each client reads when a pull fails.</summary>
public sealed class ClientErrorTests(
    FaultyRegistries registries, OverlayDocker docker, ContainerdDaemon containerd, PodmanStore podman, BuildahStore buildah)
    : IClassFixture<FaultyRegistries>, IClassFixture<OverlayDocker>, IClassFixture<ContainerdDaemon>, IClassFixture<PodmanStore>, IClassFixture<BuildahStore>
{
    private const int Limit = 60_000;

    [Theory(Timeout = Limit)]
    [InlineData("docker")]
    [InlineData("podman")]
    [InlineData("buildah")]
    [InlineData("skopeo")]
    public async Task A_package_that_is_not_there_is_named_with_its_neighbours(string client) =>
        (await RefusedAsync(client, registries.SomeFail, "gti")).Should()
            .Contain("manifest unknown: there is no package 'gti' in this registry's package set; near names: git");

    /// <summary>Its text of a 404 is always the same; the reason is in what it prints when asked for more.</summary>
    [Fact(Timeout = Limit)]
    public async Task Containerd_says_not_found_and_why_when_asked()
    {
        var reference = $"{registries.SomeFail.Host}/gti:latest";

        (await RefusedAsync("ctr", registries.SomeFail, "gti")).Should().Contain($"{reference}: not found");

        var ran = await containerd.RunAsync("--debug", "images", "pull", "--plain-http", reference);
        ran.Errors.Should().Contain("404 there is no package 'gti' in this registry's package set; near names: git");
    }

    [Theory(Timeout = Limit)]
    [InlineData("docker", "denied: ")]
    [InlineData("podman", "denied: ")]
    [InlineData("buildah", "denied: ")]
    [InlineData("skopeo", "denied: ")]
    [InlineData("ctr", "403 ")]
    public async Task A_package_that_does_not_build_is_named_with_the_sentence_that_matters(string client, string before) =>
        (await RefusedAsync(client, registries.SomeFail, "fails")).Should()
            .Contain($"{before}fails-1.0 failed with exit code 7: the flux capacitor is missing");

    /// <summary>A body of a 5xx is read by no client: it is the reason phrase that they print.</summary>
    [Theory(Timeout = Limit)]
    [InlineData("docker")]
    [InlineData("podman")]
    [InlineData("buildah")]
    [InlineData("skopeo")]
    [InlineData("ctr")]
    public async Task A_fault_of_the_registry_is_told_by_every_client(string client) =>
        (await RefusedAsync(client, registries.NoneParses, "git")).Should().Contain("503 the package set does not parse: syntax error");

    private async Task<string> RefusedAsync(string client, RunningServer server, string image)
    {
        var reference = $"{server.Host}/{image}:latest";
        var ran = await (client switch
        {
            "docker" => docker.RunAsync("pull", reference),
            "podman" => podman.RunAsync("pull", "--tls-verify=false", reference),
            "buildah" => buildah.PullAsync(reference),
            "skopeo" => Programs.RunAsync("skopeo", "inspect", "--tls-verify=false", $"docker://{reference}"),
            _ => containerd.PullAsync(reference),
        });
        ran.ExitCode.Should().NotBe(0, "{0} printed:\n{1}{2}", ran.CommandLine, ran.Output, ran.Errors);
        return ran.Errors;
    }
}

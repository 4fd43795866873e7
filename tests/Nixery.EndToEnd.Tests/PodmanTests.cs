using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class PodmanTests(BundledServer bundled, PodmanStore podman) : IClassFixture<PodmanStore>
{
    private const int Limit = 180_000;
    private const string SelfSignedByCurl = "curl: (60)";

    [Fact(Timeout = Limit)]
    public async Task A_pulled_image_runs_its_programs()
    {
        var image = await PullAsync(BundledServer.Image);

        (await InContainerAsync(image, "git", "--version")).Should().StartWith("git version 2.");
        (await InContainerAsync(image, "htop", "--version")).Should().StartWith("htop 3.");
        (await InContainerAsync(image, "id")).Should().StartWith("uid=0(root) gid=0(root)");
        (await InContainerAsync(image, "whoami")).Should().Be("root\n");
        (await InContainerAsync(image, "/usr/bin/env", "echo", "hello")).Should().Be("hello\n");
        (await InContainerAsync(image, "sh", "-c", "echo ~")).Should().Be("/root\n");
    }

    [Fact(Timeout = Limit)]
    public async Task An_image_is_pulled_and_run_by_its_digest()
    {
        var digest = (await bundled.PullAsync("htop")).ManifestDigest;

        var image = await PullAsync($"htop@{digest}");

        (await podman.RunAsync("inspect", "--format", "{{.Digest}}", image)).Succeeded().Output.Trim().Should().Be(digest);
        (await InContainerAsync(image, "htop", "--version")).Should().StartWith("htop 3.");
    }

    [Fact(Timeout = Limit)]
    public async Task A_user_who_is_not_root_can_write_temporary_files()
    {
        var image = await PullAsync(BundledServer.Image);

        var ran = await podman.RunContainerAsync(image, ["--user", "1000:1000"], "sh", "-c", "id -u; mktemp; echo hello > /tmp/mine && cat /tmp/mine");

        ran.Succeeded().Output.Should().MatchRegex("^1000\n/tmp/tmp\\.[^\n]+\nhello\n$");
    }

    [Theory(Timeout = Limit)]
    [InlineData(BundledServer.Image, "[bash]")]
    [InlineData("htop", "[htop]")]
    public async Task An_image_starts_a_shell_where_there_is_one_and_else_its_only_program(string name, string command)
    {
        var image = await PullAsync(name);

        (await podman.RunAsync("inspect", "--format", "{{.Config.Cmd}}", image)).Succeeded().Output.Trim().Should().Be(command);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_command_a_shell_runs_until_its_input_ends()
    {
        var image = await PullAsync(BundledServer.Image);

        (await podman.RunContainerAsync(image, ["--interactive"])).Succeeded();
    }

    [Fact(Timeout = Limit)]
    public async Task The_variables_for_certificates_name_files_that_are_there()
    {
        var image = await PullAsync(BundledServer.Image);
        var names = string.Join(' ', RootOfImageTests.CertificateBundles.Select(n => "/" + n));

        await InContainerAsync(image, "sh", "-c", $"""
            set -e
            for f in "$SSL_CERT_FILE" "$NIX_SSL_CERT_FILE" "$GIT_SSL_CAINFO" {names}; do head -c 1 "$f" >/dev/null; done
            """);
    }

    [Fact(Timeout = Limit)]
    public async Task Curl_finds_its_certificates_and_believes_no_others()
    {
        var image = await PullAsync("shell/curl");
        await using var server = SelfSignedServer.Start();

        var refused = await podman.RunContainerAsync(image, [], "curl", "--verbose", "--silent", "--show-error", server.Address);
        refused.Errors.Should().Contain("CAfile: /etc/ssl/certs/").And.Contain(SelfSignedByCurl);
        refused.ExitCode.Should().NotBe(0);

        // The same server once its certificate is trusted: it was for the certificate that it had been refused.
        var own = Path.Combine(podman.Folder, "own.pem");
        await File.WriteAllTextAsync(own, server.CertificatePem);
        var trusted = await podman.RunContainerAsync(
            image, ["--volume", $"{own}:/own.pem:ro", "--env", "SSL_CERT_FILE=/own.pem"], "curl", "--silent", "--show-error", server.Address);
        trusted.Succeeded().Output.Should().Be(SelfSignedServer.Greeting);
    }

    [Fact(Timeout = Limit)]
    public async Task Git_finds_its_certificates_and_believes_no_others()
    {
        var image = await PullAsync(BundledServer.Image);
        await using var server = SelfSignedServer.Start();

        var refused = await podman.RunContainerAsync(image, ["--env", "GIT_CURL_VERBOSE=1"], "git", "ls-remote", $"{server.Address}/repository");

        refused.ExitCode.Should().Be(128);
        refused.Errors.Should().Contain("CAfile: /etc/ssl/certs/ca-bundle.crt").And.Contain("certificate verification failed");
    }

    private async Task<string> PullAsync(string image)
    {
        var reference = $"{bundled.Server.Host}/{image}";
        if ((await podman.RunAsync("image", "exists", reference)).ExitCode != 0)
        {
            await podman.PullAsync(reference);
        }

        return reference;
    }

    private async Task<string> InContainerAsync(string image, params string[] command) =>
        (await podman.RunContainerAsync(image, [], command)).Succeeded().Output;
}

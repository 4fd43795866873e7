using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>The image that the Dockerfile makes, run with a read-only root file system, no capabilities and one volume.</summary>
public sealed class ContainerTests(ContainerImage image) : IClassFixture<ContainerImage>, IDisposable
{
    private const int Limit = 180_000;
    private const string SomeUser = "1000620000";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task An_image_that_was_built_in_it_runs_and_is_served_after_a_restart()
    {
        var volume = NewVolume();
        string digest;
        await using (var first = await image.StartOnBundledSetAsync(volume))
        {
            var pulled = await CopyAsync(first, BundledServer.Image);
            pulled.CheckDigests();
            (await image.RunPulledAsync(first, BundledServer.Image, "git", "--version")).Succeeded().Output.Should().StartWith("git version 2.");
            digest = pulled.ManifestDigest;
            (await first.StopAsync()).Should().Be(0, "it was asked to stop");
        }

        await using var second = await image.StartOnBundledSetAsync(volume);
        (await CopyAsync(second, BundledServer.Image)).ManifestDigest.Should().Be(digest);
        second.Log.Should().NotContain("Built ");
    }

    /// <summary>OpenShift gives each namespace a number of its own, with the group 0; podman is kept from naming it.</summary>
    [Fact(Timeout = Limit)]
    public async Task Any_user_will_do_and_has_a_name_for_ssh()
    {
        await using var server = await image.StartOnBundledSetAsync([.. NewVolume(), $"--user={SomeUser}:0", "--passwd=false", "--name=any-user"]);

        (await CopyAsync(server, "jq")).CheckDigests();
        (await image.InContainerAsync("any-user", "id", "--user", "--name")).Succeeded().Output.Should().Be("nixery\n");
        (await image.InContainerAsync("any-user", "ssh", "-o", "BatchMode=yes", "-p", "1", "127.0.0.1"))
            .Errors.Should().Contain("connect to host 127.0.0.1 port 1").And.NotContain("No user exists");
    }

    /// <summary>A cluster's fsGroup: the folder is root's, and the group may write it.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_volume_that_its_group_may_write_is_enough()
    {
        var volume = Directory.CreateDirectory(_folder.Inner("nix")).FullName;
        (await Programs.RunAsync("chgrp", "1654", volume)).Succeeded();
        (await Programs.RunAsync("chmod", "2775", volume)).Succeeded();

        await using var server = await image.StartOnBundledSetAsync("--volume", $"{volume}:/nix");

        (await CopyAsync(server, "jq")).CheckDigests();
    }

    [Fact(Timeout = Limit)]
    public async Task A_volume_that_may_not_be_written_is_named_with_what_helps()
    {
        var volume = Directory.CreateDirectory(_folder.Inner("roots")).FullName;

        var ran = await image.RunAsync(["--volume", $"{volume}:/nix"]);

        ran.ExitCode.Should().Be(1);
        ran.Errors.Should().Contain("user 1654, group 1654, may not write the volume at /nix; it belongs to user 0, group 0")
            .And.Contain("chown -R 1654");
    }

    [Fact(Timeout = Limit)]
    public async Task With_no_setting_at_all_it_serves_a_channel_on_port_8080_and_is_healthy()
    {
        await using var server = await image.StartAsync([.. NewVolume(), "--network=none", "--name=bare"]);

        server.ReadyLine.Should().EndWith(":8080");
        (await image.CheckHealthAsync("bare")).Succeeded();
        await Eventually.Async(() => server.Log.Contains("nixos-unstable", StringComparison.Ordinal), "it says what it serves");
    }

    [Fact(Timeout = Limit)]
    public async Task The_nix_inside_is_new_enough_for_nixpkgs()
    {
        var ran = await image.RunAsync(
            [.. NewVolume(), "--network=none", "--entrypoint=nix-instantiate"],
            "--eval", "--json", "--store", "dummy://", "--expr", "builtins.compareVersions builtins.nixVersion \"2.18.0\"");

        JsonElement.Parse(ran.Succeeded().Output).GetInt32().Should().BeGreaterThanOrEqualTo(0);
    }

    /// <summary>What docs/run.md says of a laptop, typed as it stands there: first what serves, then what is pulled.</summary>
    [Fact(Timeout = 1_200_000)]
    public async Task The_way_of_a_newcomer_leads_from_a_bare_Debian_to_an_image()
    {
        var section = Checkout.Read("docs/run.md").Split("\n## ").Single(s => s.StartsWith("A laptop\n", StringComparison.Ordinal));
        var typed = section.Split('\n').Where(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim()).ToList();
        typed.Should().HaveCount(2);
        var pulled = typed[1].Split(' ')[^1].Split('/', 2);
        pulled[0].Should().Be("localhost:8080");
        var checkout = Directory.CreateDirectory(_folder.Inner("checkout")).FullName;
        await Checkout.CopyToAsync(checkout);

        await using var server = await image.StartOnBareDebianAsync(checkout, typed[0]);

        (await CopyAsync(server, pulled[1])).CheckDigests();
    }

    /// <summary>An anonymous one, which goes with its container, would not outlive a restart.</summary>
    private static string[] NewVolume() => ["--volume", $"{Guid.NewGuid():N}:/nix"];

    private async Task<PulledImage> CopyAsync(DaemonProcess server, string name)
    {
        var to = Directory.CreateDirectory(_folder.Inner(Guid.NewGuid().ToString("N"))).FullName;
        (await Programs.RunAsync(
            "skopeo", "copy", "--src-tls-verify=false", $"docker://{ContainerImage.HostOf(server)}/{name}", $"dir:{to}")).Succeeded();
        return PulledImage.In(to);
    }
}

using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd.Deploy;

/// <summary>What of deploy/ is for machines: compose, systemd, and the files that container runtimes read on nodes.</summary>
public sealed class MachineTests(ContainerdDaemon containerd, Debian13 debian) : IClassFixture<ContainerdDaemon>, IClassFixture<Debian13>
{
    private const int Limit = 120_000;
    private const string OnNodes = "http://127.0.0.1:30500";

    /// <summary>Compose's own reader, whose schema refuses what it does not know.</summary>
    [Theory(Timeout = Limit)]
    [InlineData("", "NIXERY_STORAGE_BACKEND: filesystem")]
    [InlineData("s3", "NIXERY_STORAGE_BACKEND: s3")]
    public async Task Compose_reads_its_file_and_the_profile_moves_images_to_the_store(string profiles, string setting)
    {
        var ran = await debian.RunInAsync(
            Checkout.PathOf("deploy/compose"), new Dictionary<string, string?> { ["COMPOSE_PROFILES"] = profiles }, "docker-compose", "config");

        ran.Succeeded().Output.Should().Contain(setting).And.Contain("read_only: true").And.Contain("no-new-privileges:true");
        ran.Output.Contains("chrislusf/seaweedfs", StringComparison.Ordinal).Should().Be(profiles == "s3");
    }

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Systemd_knows_all_that_the_unit_says_and_finds_it_safe(bool hasSecrets)
    {
        using var folder = new TemporaryFolder();
        // What it starts and needs is not on this machine; all else is looked at.
        folder.Write("nix-daemon.socket", "[Socket]\nListenStream=/run/nix-daemon-test\n");
        folder.Write("nix-daemon.service", "[Service]\nExecStart=/bin/true\n");
        var unit = folder.Write("nixery.service", Checkout.Read("deploy/systemd/nixery.service")
            .Replace("/opt/nixery/nixery", "/bin/true", StringComparison.Ordinal));
        if (hasSecrets)
        {
            Directory.CreateDirectory(folder.Inner("nixery.service.d"));
            folder.Write("nixery.service.d/secrets.conf", Checkout.Read("deploy/systemd/nixery.service.d/secrets.conf"));
        }

        (await Programs.RunInAsync(
            new Dictionary<string, string?> { ["SYSTEMD_UNIT_PATH"] = $"{folder.Path}:" }, "systemd-analyze", "--man=no", "verify", unit))
            .Succeeded().Errors.Should().BeEmpty();
        (await Programs.RunAsync("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)).Succeeded();
    }

    /// <summary>No systemd runs here that would start it: .NET 10 ends with "Failed to create CoreCLR" where this call is refused.</summary>
    [Fact]
    public void The_unit_leaves_dotnet_the_call_without_which_it_does_not_start() =>
        Checkout.Read("deploy/systemd/nixery.service").Split('\n').SkipWhile(l => l != "SystemCallFilter=~@privileged @resources").Should()
            .Contain("SystemCallFilter=sched_setaffinity", "what is taken away first is given back after");

    [Fact(Timeout = Limit)]
    public async Task The_page_that_the_unit_names_is_where_the_commands_of_that_page_put_it()
    {
        using var folder = new TemporaryFolder();
        var page = Checkout.Read("deploy/systemd/nixery.service").Split('\n').Single(l => l.StartsWith("Documentation=file://", StringComparison.Ordinal)).Split("file://")[1];
        var install = Checkout.Read("docs/run.md").Split('\n').Single(l => l.StartsWith("    install", StringComparison.Ordinal) && l.Contains("/opt/nixery/docs", StringComparison.Ordinal));

        (await Programs.RunAsync("sh", "-c", $"cd {Checkout.PathOf("")} && {install.Replace("/opt/", folder.Inner("opt/"), StringComparison.Ordinal)}")).Succeeded();

        File.Exists(folder.Inner(page.TrimStart('/'))).Should().BeTrue();
    }

    [Fact(Timeout = Limit)]
    public async Task Containerd_pulls_a_name_that_is_none_by_the_hosts_file_of_a_node()
    {
        using var folder = new TemporaryFolder();
        await using var server = await RunningServer.StartAsync(folder.Path);
        var hosts = Checkout.Read("deploy/nodes/hosts.toml").Replace(OnNodes, server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        hosts.Should().NotContain("30500");

        (await containerd.PullByHostsFileAsync(hosts, "nixery.internal", "jq:latest")).Succeeded();
    }

    /// <summary>No k3s is at hand: its file is read for its shape alone, https://docs.k3s.io/installation/private-registry.</summary>
    [Fact]
    public void The_file_for_k3s_names_the_same_mirror_as_that_for_containerd()
    {
        var read = new YamlDotNet.Serialization.DeserializerBuilder()
            .WithNamingConvention(YamlDotNet.Serialization.NamingConventions.CamelCaseNamingConvention.Instance).Build()
            .Deserialize<Registries>(Checkout.Read("deploy/nodes/registries.yaml"));

        read.Mirrors.Should().ContainSingle().Which.Key.Should().Be("nixery.internal");
        read.Mirrors["nixery.internal"].Endpoint.Should().Equal(OnNodes);
    }

    private sealed record Registries
    {
        public Dictionary<string, Mirror> Mirrors { get; set; } = [];
    }

    private sealed record Mirror
    {
        public List<string> Endpoint { get; set; } = [];
    }
}

using System.Diagnostics;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A containerd of the tests' own, asked by its own client <c>ctr</c>: own storage, own socket, no Kubernetes.</summary>
public sealed class ContainerdDaemon : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private DaemonProcess? _daemon;

    private string Socket => _folder.Inner("containerd.sock");

    public async Task InitializeAsync()
    {
        // The Kubernetes plugin would look for networks, the other one would make /opt/containerd.
        var configuration = _folder.Write("config.toml", $"""
            version = 2
            root = "{_folder.Inner("root")}"
            state = "{_folder.Inner("state")}"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{Socket}"
            [ttrpc]
              address = "{Socket}.ttrpc"
            """);
        _daemon = await DaemonProcess.StartAsync("containerd", ["--config", configuration], ready: "containerd successfully booted");
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
    }

    /// <summary>After <see cref="DisposeAsync"/>: nobody writes there any more.</summary>
    public void Dispose() => _folder.Dispose();

    /// <summary>Pulls from the registry that the reference names.</summary>
    internal Task<Ran> PullAsync(string reference) => RunAsync("images", "pull", "--plain-http", reference);

    /// <param name="credentials">As <c>user:password</c>.</param>
    /// <param name="reference">With registry and tag.</param>
    internal Task<Ran> PullAsync(string credentials, string reference) => RunAsync("images", "pull", "--plain-http", "--user", credentials, reference);

    /// <summary>Begins to pull; the caller ends the process that does it.</summary>
    internal Process StartPull(string reference) =>
        Programs.Start("ctr", ["--address", Socket, "images", "pull", "--plain-http", reference], new Dictionary<string, string?>());

    /// <summary>Pulls what <paramref name="reference"/> names in <paramref name="registry"/> from a mirror of that registry.</summary>
    internal Task<Ran> PullThroughMirrorAsync(Uri mirror, string registry, string reference) => PullByHostsFileAsync(
        $"""
        [host."{mirror}"]
          capabilities = ["pull", "resolve"]
        """,
        registry,
        reference);

    /// <param name="hostsFile">The content of <c>hosts.toml</c>.</param>
    /// <param name="registry">That it is for.</param>
    /// <param name="reference">Without the registry.</param>
    internal Task<Ran> PullByHostsFileAsync(string hostsFile, string registry, string reference)
    {
        var hosts = _folder.Inner("hosts");
        Directory.CreateDirectory(Path.Combine(hosts, registry));
        _folder.Write($"hosts/{registry}/hosts.toml", hostsFile);
        return RunAsync("images", "pull", "--hosts-dir", hosts, $"{registry}/{reference}");
    }

    /// <summary>Runs a container of a pulled image, with no network but its own loopback.</summary>
    internal Task<Ran> RunContainerAsync(string reference, params IEnumerable<string> command) => RunAsync(
        ["run", "--rm", "--runc-root", _folder.Inner("runc"), "--fifo-dir", _folder.Inner("fifo"), reference, Guid.NewGuid().ToString("N"), .. command]);

    internal Task<Ran> RunAsync(params IEnumerable<string> arguments) => Programs.RunAsync("ctr", ["--address", Socket, .. arguments]);
}

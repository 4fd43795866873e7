namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A dockerd of the tests' own: own storage, own socket, no network rules.</summary>
/// <param name="storageDriver">How it keeps the layers of images, as dockerd calls it.</param>
public abstract class DockerDaemon(string storageDriver) : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private DaemonProcess? _daemon;

    private string Socket => $"unix://{_folder.Inner("docker.sock")}";

    public async Task InitializeAsync() => _daemon = await DaemonProcess.StartAsync(
        "dockerd",
        [
            "--iptables=false", "--bridge=none", "--storage-driver", storageDriver, "--data-root", _folder.Inner("data"),
            "--exec-root", _folder.Inner("exec"), "--pidfile", _folder.Inner("pid"), "--host", Socket,
        ],
        ready: "API listen on");

    public async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }

        // A container without a network of its own leaves a mount behind.
        if (File.Exists(_folder.Inner("exec/netns/default")))
        {
            await Programs.RunAsync("umount", _folder.Inner("exec/netns/default"));
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    internal Task<Ran> RunAsync(params IEnumerable<string> arguments) => Programs.RunAsync("docker", ["--host", Socket, .. arguments]);

    internal Task<Ran> RunContainerAsync(string reference, IEnumerable<string> options, params IEnumerable<string> command) =>
        RunAsync(["run", "--rm", "--network=none", .. options, reference, .. command]);
}

/// <summary>What most people run.</summary>
public sealed class OverlayDocker() : DockerDaemon("overlay2");

/// <summary>
/// Works on every file system, and so where Docker itself runs in a container; but each layer is a full copy of those
/// below it, so it is for images of few layers.
/// </summary>
public sealed class VfsDocker() : DockerDaemon("vfs");

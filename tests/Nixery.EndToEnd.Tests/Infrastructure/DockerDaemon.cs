using System.Diagnostics;
using System.Globalization;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A dockerd of the tests' own: own storage, own socket, no network rules.</summary>
/// <param name="storageDriver">How it keeps the layers of images, as dockerd calls it.</param>
public abstract class DockerDaemon(string storageDriver) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly LineLog _log = new();
    private Process? _process;
    private Task _pumps = Task.CompletedTask;

    private string Socket => $"unix://{_folder.Inner("docker.sock")}";

    public async Task InitializeAsync()
    {
        _process = Programs.Start(
            "dockerd",
            [
                "--iptables=false", "--bridge=none", "--storage-driver", storageDriver, "--data-root", _folder.Inner("data"),
                "--exec-root", _folder.Inner("exec"), "--pidfile", _folder.Inner("pid"), "--host", Socket,
            ],
            new Dictionary<string, string?>());
        _pumps = Task.WhenAll(_log.ReadAsync(_process.StandardOutput), _log.ReadAsync(_process.StandardError));
        try
        {
            await _log.LineWithAsync("API listen on").WaitAsync(StartLimit);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"dockerd did not start (it needs root); it said:\n{_log.Text}", e);
        }
    }

    public async Task DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await Programs.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync();
            await _pumps;
        }

        // A container without a network of its own leaves a mount behind.
        if (File.Exists(_folder.Inner("exec/netns/default")))
        {
            await Programs.RunAsync("umount", _folder.Inner("exec/netns/default"));
        }
    }

    public void Dispose()
    {
        _process?.Dispose();
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

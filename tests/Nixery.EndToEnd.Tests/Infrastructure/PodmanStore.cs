namespace Nixery.EndToEnd.Infrastructure;

/// <summary>
/// podman with storage of its own. With runc and lower limits it also runs where root may not raise limits and where
/// crun cannot use the control groups: in containers and small virtual machines.
/// </summary>
public sealed class PodmanStore : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal string Folder => _folder.Path;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>podman leaves the folder of its layers mounted.</summary>
    public async Task DisposeAsync()
    {
        if (Directory.Exists(_folder.Inner("root/overlay")))
        {
            await Programs.RunAsync("umount", _folder.Inner("root/overlay"));
        }
    }

    public void Dispose() => _folder.Dispose();

    internal async Task PullAsync(string reference) => (await RunAsync("pull", "--quiet", "--tls-verify=false", reference)).Succeeded();

    /// <summary>Runs a container of a pulled image; it sees the network of the machine.</summary>
    internal Task<Ran> RunContainerAsync(string reference, IEnumerable<string> options, params IEnumerable<string> command) =>
        RunAsync(["run", "--rm", "--network=host", .. Limits, .. options, reference, .. command]);

    /// <summary>Limits that are not above those of a process in a container.</summary>
    internal static readonly string[] Limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];

    internal Task<Ran> RunAsync(params IEnumerable<string> arguments) => Programs.RunAsync("podman", [.. Options, .. arguments]);

    /// <summary>What podman is told before any verb.</summary>
    internal string[] Options =>
        ["--root", _folder.Inner("root"), "--runroot", _folder.Inner("run"), "--storage-driver=overlay", "--runtime=runc"];
}

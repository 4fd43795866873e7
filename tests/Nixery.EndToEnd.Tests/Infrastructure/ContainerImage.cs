namespace Nixery.EndToEnd.Infrastructure;

/// <summary>
/// The registry's own image, built once from the Dockerfile at the top of the checkout. Microsoft's two images cannot be had everywhere;
/// tests/container/stand-in-bases makes what stands in for them.
/// </summary>
public sealed class ContainerImage : IAsyncLifetime, IDisposable
{
    private const string Name = "nixery:test";
    private const string Sdk = "mcr.microsoft.com/dotnet/sdk:10.0";
    private const string Listening = "Now listening on: ";

    /// <summary>As a cluster runs it that holds to the restricted pod security standard; nothing but /nix can be written.</summary>
    private static readonly string[] Restricted =
        ["--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

    private readonly PodmanStore _podman = new();

    public async Task InitializeAsync()
    {
        (await Programs.RunAsync(Checkout.PathOf("tests/container/stand-in-bases"), [Checkout.Kept, "podman", .. _podman.Options])).Succeeded();
        (await _podman.RunAsync(
            ["build", "--pull=never", "--network=host", .. PodmanStore.Limits, "--format=docker", "--quiet", "--tag", Name, Checkout.PathOf("")])).Succeeded();
    }

    public Task DisposeAsync() => _podman.DisposeAsync();

    public void Dispose() => _podman.Dispose();

    /// <summary>Serves until the daemon is disposed of.</summary>
    /// <param name="options">Of <c>podman run</c>: the volume at /nix, settings.</param>
    internal Task<DaemonProcess> StartAsync(params IEnumerable<string> options) =>
        DaemonProcess.StartAsync("podman", [.. _podman.Options, .. RunWith(options), Name], Listening);

    /// <summary>Serves the bundled package set on any free port.</summary>
    internal Task<DaemonProcess> StartOnBundledSetAsync(params IEnumerable<string> options)
    {
        var current = Environment.GetEnvironmentVariable("NIXERY_PKGS_PATH")
            ?? throw new InvalidOperationException("NIXERY_PKGS_PATH names no package set; scripts/test makes the bundled one and sets it");
        // The set's own folder: `current` is a link beside it.
        return StartAsync(
        [
            "--network=host", "--volume", $"{Path.GetFullPath(Path.Combine(current, ".."))}:/packages:ro", "--env=NIXERY_PKGS_PATH=/packages/current",
            "--env=NIX_CONFIG=substituters =", "--env=PORT=0", .. options,
        ]);
    }

    /// <summary>
    /// Serves by a command line that somebody types on a bare Debian with the .NET SDK, as root, in a fresh checkout; on any free port.
    /// </summary>
    /// <param name="checkout">Is written to.</param>
    internal Task<DaemonProcess> StartOnBareDebianAsync(string checkout, string commandLine) => DaemonProcess.StartAsync(
        "podman",
        [
            .. _podman.Options, "run", "--rm", .. PodmanStore.Limits, "--network=host", "--volume", $"{checkout}:/checkout", "--workdir=/checkout",
            "--env=PORT=0", Sdk, "sh", "-c", $"exec {commandLine}",
        ],
        Listening,
        within: TimeSpan.FromMinutes(12));

    /// <summary>Runs to its end.</summary>
    internal Task<Ran> RunAsync(IEnumerable<string> options, params IEnumerable<string> command) =>
        _podman.RunAsync([.. RunWith(options), Name, .. command]);

    /// <summary>Pulls an image from it and runs a program of that image.</summary>
    internal async Task<Ran> RunPulledAsync(DaemonProcess server, string name, params IEnumerable<string> command)
    {
        var reference = $"{HostOf(server)}/{name}";
        await _podman.PullAsync(reference);
        return await _podman.RunContainerAsync(reference, [], command);
    }

    internal Task<Ran> InContainerAsync(string container, params IEnumerable<string> command) => _podman.RunAsync(["exec", container, .. command]);

    internal Task<Ran> CheckHealthAsync(string container) => _podman.RunAsync("healthcheck", "run", container);

    /// <summary>As clients write it before an image name.</summary>
    internal static string HostOf(DaemonProcess server) =>
        $"127.0.0.1:{new Uri(server.ReadyLine[(server.ReadyLine.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim()).Port}";

    private static string[] RunWith(IEnumerable<string> options) => ["run", "--rm", .. Restricted, .. PodmanStore.Limits, .. options];
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>The real server as a process of its own, on a free port, with a storage folder that outlives it.</summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly LineLog _log = new();
    private readonly Task _pumps;

    private RunningServer(Process process)
    {
        _process = process;
        _pumps = Task.WhenAll(_log.ReadAsync(process.StandardOutput), _log.ReadAsync(process.StandardError));
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>As clients write it before an image name.</summary>
    public string Host => Address.Authority;

    /// <summary>Standard output and standard error so far.</summary>
    public string Log => _log.Text;

    public static Task<RunningServer> StartAsync(string folder) => StartAsync(folder, new Dictionary<string, string?>());

    /// <param name="folder">Keeps the storage: whoever starts on the same folder again finds what was stored.</param>
    /// <param name="environment">Over the usual one.</param>
    public static async Task<RunningServer> StartAsync(string folder, IReadOnlyDictionary<string, string?> environment)
    {
        // Whoever runs the tests by nohup has SIGHUP ignored in all that they start.
        var server = new RunningServer(Programs.Start("env", ["--default-signal=HUP", "dotnet", Executable, "serve"], VariablesOf(folder, environment)));
        try
        {
            var line = await server._log.LineWithAsync(Listening).WaitAsync(StartLimit);
            // In a line of text or of JSON.
            server.Address = new Uri(HttpAddress().Match(line).Value);
            return server;
        }
        catch (TimeoutException e)
        {
            var log = server.Log;
            await server.DisposeAsync();
            throw new InvalidOperationException($"the server did not start; it said:\n{log}", e);
        }
    }

    /// <summary>Runs another verb of the executable, on the storage of that folder.</summary>
    public static Task<Ran> RunVerbAsync(string folder, params IEnumerable<string> arguments) =>
        RunVerbInAsync(folder, new Dictionary<string, string?>(), arguments);

    /// <param name="environment">Over the usual one.</param>
    public static Task<Ran> RunVerbInAsync(string folder, IReadOnlyDictionary<string, string?> environment, params IEnumerable<string> arguments) =>
        Programs.RunInAsync(VariablesOf(folder, environment), "dotnet", arguments.Prepend(Executable));

    private static string Executable => Path.Combine(AppContext.BaseDirectory, "Nixery.Server.dll");

    private static Dictionary<string, string?> VariablesOf(string folder, IReadOnlyDictionary<string, string?> environment)
    {
        var variables = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["STORAGE_PATH"] = StorageOf(folder),
            ["XDG_DATA_HOME"] = Path.Combine(folder, "data"),
            ["NIXERY_PKGS_PATH"] = null,
            ["NIXERY_PKGS_REPO"] = null,
            ["NIXERY_CHANNEL"] = null,
            ["NIX_TIMEOUT"] = null,
            ["PORT"] = null,
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        variables["NIXERY_PKGS_PATH"] ??= BundledPackages;
        return variables;
    }

    /// <param name="folder">Keeps the package set beside the storage.</param>
    /// <param name="packageSet">A Nix expression.</param>
    /// <param name="environment">Over the usual one.</param>
    public static Task<RunningServer> StartOnSetAsync(string folder, string packageSet, IReadOnlyDictionary<string, string?> environment)
    {
        var packages = Directory.CreateDirectory(Path.Combine(folder, "packages")).FullName;
        File.WriteAllText(Path.Combine(packages, "default.nix"), packageSet);
        return StartAsync(folder, new Dictionary<string, string?>(environment) { ["NIXERY_PKGS_PATH"] = packages });
    }

    /// <summary>`nixery verify` on the storage of servers of this folder.</summary>
    public static Task<Ran> VerifyAsync(string folder, params IEnumerable<string> options) => Programs.RunAsync(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Nixery.Server.dll"), "verify", "--set", $"Nixery:Storage:Path={StorageOf(folder)}", .. options]);

    public static string StorageOf(string folder) => Path.Combine(folder, "storage");

    /// <summary>The bundled package set, as scripts/test has made it.</summary>
    private static string BundledPackages =>
        Environment.GetEnvironmentVariable("NIXERY_PKGS_PATH") is { Length: > 0 } path && File.Exists(Path.Combine(path, "default.nix"))
            ? path
            : throw new InvalidOperationException("NIXERY_PKGS_PATH names no package set; scripts/test makes the bundled one and sets it");

    public RegistryClient CreateClient() => new(Address);

    /// <summary>Asks it to stop (SIGTERM) and waits until it has.</summary>
    public async Task StopAsync()
    {
        (await Programs.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture))).Succeeded();
        await EndAsync();
    }

    /// <summary>SIGHUP: it reads its settings again.</summary>
    public async Task HangUpAsync() =>
        (await Programs.RunAsync("kill", "-HUP", _process.Id.ToString(CultureInfo.InvariantCulture))).Succeeded();

    /// <summary>Waits for a line of its log.</summary>
    public Task<string> SaysAsync(string part) => _log.LineWithAsync(part);

    /// <summary>SIGKILL: it learns nothing of its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await EndAsync();
        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        await _pumps;
    }

    [GeneratedRegex(@"https?://[^""\\\s]+")]
    private static partial Regex HttpAddress();
}

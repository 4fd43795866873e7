using System.Diagnostics;
using System.Globalization;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A daemon of the tests' own, from its first word until it has ended.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly LineLog _log = new();
    private readonly Task _ended;

    private DaemonProcess(Process process)
    {
        _process = process;
        _ended = Task.WhenAll(process.WaitForExitAsync(), _log.ReadAsync(process.StandardOutput), _log.ReadAsync(process.StandardError));
    }

    /// <summary>What it printed when it could be asked.</summary>
    public string ReadyLine { get; private set; } = "";

    /// <summary>Standard output and standard error so far.</summary>
    public string Log => _log.Text;

    /// <param name="program">Needs root.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="ready">What it prints when it can be asked.</param>
    public static Task<DaemonProcess> StartAsync(string program, IEnumerable<string> arguments, string ready) =>
        StartAsync(program, arguments, ready, StartLimit);

    /// <inheritdoc cref="StartAsync(string, IEnumerable{string}, string)"/>
    /// <param name="within">How long that may take.</param>
    public static async Task<DaemonProcess> StartAsync(string program, IEnumerable<string> arguments, string ready, TimeSpan within)
    {
        var daemon = new DaemonProcess(Programs.Start(program, arguments, new Dictionary<string, string?>()));
        var readyLine = daemon._log.LineWithAsync(ready);
        try
        {
            await Task.WhenAny(readyLine, daemon._ended).WaitAsync(within);
        }
        catch (TimeoutException)
        {
            await daemon.DisposeAsync();
        }

        if (!readyLine.IsCompleted)
        {
            throw new InvalidOperationException($"{program} did not start (it needs root); it said:\n{daemon._log.Text}");
        }

        daemon.ReadyLine = await readyLine;
        return daemon;
    }

    /// <summary>Asks it to stop (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        (await Programs.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture))).Succeeded();
        await _ended;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Programs.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
        }

        await _ended;
        _process.Dispose();
    }
}

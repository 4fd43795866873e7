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

    /// <param name="program">Needs root.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="ready">What it prints when it can be asked.</param>
    public static async Task<DaemonProcess> StartAsync(string program, IEnumerable<string> arguments, string ready)
    {
        var daemon = new DaemonProcess(Programs.Start(program, arguments, new Dictionary<string, string?>()));
        var readyLine = daemon._log.LineWithAsync(ready);
        try
        {
            await Task.WhenAny(readyLine, daemon._ended).WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            await daemon.DisposeAsync();
        }

        return readyLine.IsCompleted
            ? daemon
            : throw new InvalidOperationException($"{program} did not start (it needs root); it said:\n{daemon._log.Text}");
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

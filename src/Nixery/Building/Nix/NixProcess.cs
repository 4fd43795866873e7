using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Nixery.Sight;

namespace Nixery.Building.Nix;

/// <summary>
/// Runs one program safely; the only place that starts processes. Both pipes are drained at once, standard input is
/// empty, and on timeout or cancel the whole tree is killed and awaited before the call returns. The program inherits our
/// environment: NIX_PATH, NIXPKGS_ALLOW_UNFREE, proxies and SSH agents are the business of whoever runs the server.
/// </summary>
internal sealed partial class NixProcess(TimeProvider time, ILogger<NixProcess> logger)
{
    /// <summary>The names of all of nixpkgs are half a megabyte; what is so much larger is no answer.</summary>
    public const int MaxOutputBytes = 64 * 1024 * 1024;

    /// <summary>What of a failure's words is in the log at once; all of them are there at Debug.</summary>
    private const int LoggedLines = 5;

    /// <exception cref="InvalidDataException">The program wrote more than <see cref="MaxOutputBytes"/>.</exception>
    public async Task<ProcessOutcome> RunAsync(ProcessCommand command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var span = Tracing.Begin(command.Program);
        using var process = TryStart(command);
        if (process is null)
        {
            return new ProcessOutcome.NotFound(command.Program);
        }

        using var timer = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var pipes = new ProcessPipes(process, line => Log.ErrorLine(logger, line));
        try
        {
            await EndOfAsync(process, pipes.Output, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Killed(logger, command.Program, process.Id);
        }
        finally
        {
            await KillAsync(process);
            if (!await pipes.CloseAsync())
            {
                Log.PipesHeld(logger, command.Program);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (timer.IsCancellationRequested)
        {
            return new ProcessOutcome.TimedOut(timeout);
        }

        if (process.ExitCode != 0)
        {
            Log.Failed(logger, command.Program, process.ExitCode, LastLines(pipes.ErrorTail));
        }

        return new ProcessOutcome.Exited(process.ExitCode, await pipes.Output, pipes.ErrorTail);
    }

    private Process? TryStart(ProcessCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
#pragma warning disable RS0030 // banned everywhere else, so that this is the only place that starts processes
            var process = Process.Start(start)!;
#pragma warning restore RS0030
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e)
        {
            // Not there, not executable, or the machine has no place for another process.
            Log.NotStarted(logger, command.Program, e.Message);
            return null;
        }
    }

    /// <summary>Waits for the exit; sooner when the output is too long, so that the flood is stopped.</summary>
    private static async Task EndOfAsync(Process process, Task<string> output, CancellationToken stop)
    {
        var exit = process.WaitForExitAsync(stop);
        if (await Task.WhenAny(exit, output) == output)
        {
            await output;
        }

        await exit;
    }

    private static async Task KillAsync(Process process)
    {
        if (!process.HasExited)
        {
            ProcessTree.KillAll(process.Id);
        }

        // No token: nothing that is killed stays, and nobody is told of an end before it has come.
        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static string LastLines(string errorTail) =>
        string.Join(" | ", errorTail.Split('\n').Where(l => l.Trim().Length > 0).TakeLast(LoggedLines));

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Debug, "nix: {Line}")]
        public static partial void ErrorLine(ILogger logger, string line);

        [LoggerMessage(1002, LogLevel.Information, "killed {Program} (process {ProcessId}) and all that it had started")]
        public static partial void Killed(ILogger logger, string program, int processId);

        [LoggerMessage(1005, LogLevel.Warning, "{Program} cannot be started: {Problem}")]
        public static partial void NotStarted(ILogger logger, string program, string problem);

        [LoggerMessage(1004, LogLevel.Information, "{Program} ended with {ExitCode}: {LastLines}")]
        public static partial void Failed(ILogger logger, string program, int exitCode, string lastLines);

        [LoggerMessage(1003, LogLevel.Debug, "{Program} left processes behind that hold its pipes")]
        public static partial void PipesHeld(ILogger logger, string program);
    }
}

using Nixery.Pulls;
using Nixery.Server.Sight;

namespace Nixery.Server.Staying;

/// <summary>
/// The end of the server, in this order: 1 it says that it is not ready, 2 for a while it goes on, 3 no connection is taken any more, and
/// who waits for a pull has it, or after a time is told to ask again, 4 builds that nobody waits for end at the step that they are at.
/// 3 is Kestrel's, which is started after this and so is ended before it.
/// </summary>
internal sealed partial class Drain(DrainOptions options, Readiness readiness, Closing closing, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // 1
        readiness.BeginDraining();
        Log.Draining(logger, options.Delay, options.WaitFor);
        // 2
        await Task.Delay(options.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closing.CloseAfter(options.WaitFor);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // 4
        closing.Close();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(4080, LogLevel.Information, "Ending: not ready from now on, no new connections after {Delay}, and builds end {WaitFor} later")]
        public static partial void Draining(ILogger logger, TimeSpan delay, TimeSpan waitFor);
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nixery.Building.Nix;

/// <summary>
/// Has the Nix store looked at regularly, at a moment in which nothing is built or packed; where none comes, in spite of it, since it is
/// safe and only costs those who build then some waiting.
/// </summary>
internal sealed partial class StoreSweeper(
    StoreSweep sweep, Queues queues, NixOptions options, TimeProvider time, ILogger<StoreSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private const int MostLooksPassed = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.HasStoreLimits)
        {
            return;
        }

        using var ticks = new PeriodicTimer(LookEvery, time);
        var passed = 0;
        try
        {
            do
            {
                passed = queues.AreIdle || passed >= MostLooksPassed ? 0 : passed + 1;
                if (passed == 0)
                {
                    await TrySweepAsync(stoppingToken);
                }
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await sweep.RunAsync(stoppingToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The folder of the roots that are let go of cannot be written, or the store has more paths than Nix's answer may be long.
            Log.NotSwept(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1013, LogLevel.Warning, "The Nix store could not be brought within its limits now: {Problem}")]
        public static partial void NotSwept(ILogger logger, string problem);
    }
}

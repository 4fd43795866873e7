using Microsoft.Extensions.Hosting;

namespace Nixery.Building.Nix;

/// <summary>
/// Has the Nix store looked at regularly, at a moment in which nothing is built or packed; where none comes, in spite of it, since it is
/// safe and only costs those who build then some waiting.
/// </summary>
internal sealed class StoreSweeper(StoreSweep sweep, Queues queues, NixOptions options, TimeProvider time) : BackgroundService
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
                    await sweep.RunAsync(stoppingToken);
                }
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
    }
}

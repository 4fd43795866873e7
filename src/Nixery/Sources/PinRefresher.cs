using Microsoft.Extensions.Hosting;

namespace Nixery.Sources;

/// <summary>Has the pins that are in use looked up before they run out, so that no request waits for it.</summary>
internal sealed class PinRefresher(PackageSets sets, TimeSpan interval, TimeProvider time) : BackgroundService
{
    /// <summary>Often enough for the shortest time of all sets.</summary>
    public static TimeSpan IntervalFor(IEnumerable<SourceOptions> sets) => TimeSpan.FromSeconds(
        Math.Clamp(sets.Min(s => s.PinFor.TotalSeconds) / 20, 1, 30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(interval, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken))
            {
                await sets.RefreshAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends; a host that did not even start would take it for a fault.
        }
    }
}

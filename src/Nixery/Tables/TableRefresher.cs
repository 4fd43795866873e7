using Microsoft.Extensions.Hosting;

namespace Nixery.Tables;

/// <summary>Has the table that is set read at the start and now and then, so that no pull waits for it; a new one is for new pins.</summary>
internal sealed class TableRefresher(ConfiguredTable table, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan WhenRead = TimeSpan.FromHours(1);
    private static readonly TimeSpan WhenNot = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var isThere = await table.FindAsync(stoppingToken) is not null || table.Origin.Length == 0;
            await table.RememberAsync(stoppingToken);
            while (table.Origin.Length > 0)
            {
                await Task.Delay(isThere ? WhenRead : WhenNot, time, stoppingToken);
                isThere = await table.RefreshAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends; a host that did not even start would take it for a fault.
        }
    }
}

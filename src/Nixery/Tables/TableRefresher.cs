using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nixery.Tables;

/// <summary>Has the table that is set read at the start and now and then, so that no pull waits for it; a new one is for new pins.</summary>
internal sealed partial class TableRefresher(ConfiguredTable table, TimeProvider time, ILogger<TableRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan WhenRead = TimeSpan.FromHours(1);
    private static readonly TimeSpan WhenNot = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (table.Origin.Length == 0)
        {
            return;
        }

        try
        {
            var isThere = await TryAsync(ReadOnceAsync, stoppingToken);
            while (true)
            {
                await Task.Delay(isThere ? WhenRead : WhenNot, time, stoppingToken);
                isThere = await TryAsync(table.RefreshAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends; a host that did not even start would take it for a fault.
        }
    }

    /// <summary>A pull may have had it read already.</summary>
    private async Task<bool> ReadOnceAsync(CancellationToken cancellationToken)
    {
        var isThere = await table.FindAsync(cancellationToken) is not null;
        await table.RememberAsync(cancellationToken);
        return isThere;
    }

    /// <returns>Whether it was read and written down; a storage that cannot be used now may be later.</returns>
    private async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotRemembered(logger, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1305, LogLevel.Warning, "Which table was read last cannot be looked up or written down now: {Problem}")]
        public static partial void NotRemembered(ILogger logger, string problem);
    }
}

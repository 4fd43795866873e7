using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Writes uses of images into the storage, behind the pulls. A storage that cannot be written costs the order in which images are let
/// go some truth, and no pull anything.
/// </summary>
internal sealed partial class UseWriter(ImageUses uses, TypedRecords records, TimeProvider time, ILogger<UseWriter> logger) : BackgroundService
{
    /// <summary>A bucket takes its time for each, and many can wait.</summary>
    private const int AtOnce = 16;

    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMinutes(1);

    private bool _isOutOfOrder;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var lastWord = new LastWord(uses.Close, time, stoppingToken);
        try
        {
            Task[] both = [WriteSignsAsync(lastWord.End), WriteUsesAsync(lastWord, stoppingToken)];
            // What neither of them expects is in the log at once, and not when the other one has ended.
            await await Task.WhenAny(both);
            await Task.WhenAll(both);
        }
        catch (OperationCanceledException) when (lastWord.End.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    /// <summary>Without a pause: the next one is due when a client comes.</summary>
    private async Task WriteSignsAsync(CancellationToken end)
    {
        await foreach (var key in uses.ToSign.ReadAllAsync(end))
        {
            await TryWriteAsync(() => records.PutAsync(key, new SignRecord(time.GetUtcNow()), UseJson.Default.SignRecord, end));
        }
    }

    private Task WriteUsesAsync(LastWord lastWord, CancellationToken stoppingToken) => Parallel.ForEachAsync(
        uses.ToWrite.ReadAllAsync(lastWord.End),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = lastWord.End },
        async (key, token) =>
        {
            if (await TryWriteAsync(() => records.PutAsync(key, new UseRecord(ImageUses.DayOf(time.GetUtcNow())), UseJson.Default.UseRecord, token)))
            {
                return;
            }

            if (stoppingToken.IsCancellationRequested)
            {
                await lastWord.CutShortAsync();
            }

            await Task.Delay(PauseAfterFault, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

    private async Task<bool> TryWriteAsync(Func<Task> write)
    {
        try
        {
            await write();
            Volatile.Write(ref _isOutOfOrder, false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Told once, and not by each that finds it out.
            if (!Interlocked.Exchange(ref _isOutOfOrder, true))
            {
                uses.Forget();
                Log.NotNoted(logger, e.Message);
            }

            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1131, LogLevel.Information, "That an image was used cannot be written down now: {Problem}")]
        public static partial void NotNoted(ILogger logger, string problem);
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Writes uses of images into the storage, behind the pulls. A storage that cannot be written costs the order in which images are let
/// go some truth, and no pull anything.
/// </summary>
internal sealed partial class UseWriter(ImageUses uses, TypedRecords records, TimeProvider time, ILogger<UseWriter> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMinutes(1);

    /// <summary>For what is left to be written when the server ends.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var key in uses.ToWrite.ReadAllAsync(stoppingToken))
            {
                if (!await TryWriteAsync(key, stoppingToken))
                {
                    await Task.Delay(PauseAfterFault, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteRestAsync();
        }
    }

    private async Task WriteRestAsync()
    {
        uses.Close();
        using var limit = new CancellationTokenSource(LastWord, time);
        try
        {
            while (uses.ToWrite.TryRead(out var key) && await TryWriteAsync(key, limit.Token))
            {
                // On to the next.
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A server ends in time, too.
        }
    }

    private async Task<bool> TryWriteAsync(RecordKey key, CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow();
            await (key.Kind == ImageUses.SignKind
                ? records.PutAsync(key, new SignRecord(now), UseJson.Default.SignRecord, cancellationToken)
                : records.PutAsync(key, new UseRecord(ImageUses.DayOf(now)), UseJson.Default.UseRecord, cancellationToken));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            uses.Forget();
            Log.NotNoted(logger, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1131, LogLevel.Information, "That an image was used cannot be written down now: {Problem}")]
        public static partial void NotNoted(ILogger logger, string problem);
    }
}

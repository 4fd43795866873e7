using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nixery.Oci;

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
            await foreach (var manifest in uses.ToWrite.ReadAllAsync(stoppingToken))
            {
                if (!await TryWriteAsync(manifest, stoppingToken))
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
            while (uses.ToWrite.TryRead(out var manifest) && await TryWriteAsync(manifest, limit.Token))
            {
                // On to the next.
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A server ends in time, too.
        }
    }

    private async Task<bool> TryWriteAsync(Digest manifest, CancellationToken cancellationToken)
    {
        try
        {
            await records.PutAsync(ImageUses.KeyOf(manifest), new UseRecord(ImageUses.DayOf(time.GetUtcNow())), UseJson.Default.UseRecord, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            uses.Forget(manifest);
            Log.NotNoted(logger, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Information, "That an image was used cannot be written down now: {Problem}")]
        public static partial void NotNoted(ILogger logger, string problem);
    }
}

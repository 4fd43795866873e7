using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nixery.Pulls;

/// <summary>
/// Writes down which images were built, behind the pulls, once they count towards no table any more. What a fault or a kill loses is a
/// second of the sample that the tables of later pins are learned from.
/// </summary>
internal sealed partial class ObservedWriter(ObservedImages observed, TimeProvider time, ILogger<ObservedWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var lastWord = new LastWord(observed.WriteAtOnce, time, stoppingToken);
        try
        {
            while (await observed.Later.WaitToReadAsync(lastWord.End))
            {
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await WriteAsync(lastWord.End);
            }
        }
        catch (OperationCanceledException) when (lastWord.End.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var waiting = new List<(string Set, ObservedImage Image)>();
        while (observed.Later.TryRead(out var next))
        {
            waiting.Add(next);
        }

        foreach (var set in waiting.ToLookup(w => w.Set, w => w.Image, StringComparer.Ordinal))
        {
            try
            {
                await observed.WriteAsync(set.Key, [.. set.Reverse().DistinctBy(i => i.Name).Reverse()], cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.NotObserved(logger, set.Count(), e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1312, LogLevel.Information, "That {Images} images were built cannot be written down for later tables: {Problem}")]
        public static partial void NotObserved(ILogger logger, int images, string problem);
    }
}

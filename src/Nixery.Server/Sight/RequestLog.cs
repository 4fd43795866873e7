using System.Collections.Concurrent;
using Nixery.Images;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Server.Configuring;
using Nixery.Server.Errors;

namespace Nixery.Server.Sight;

/// <summary>
/// A line for each pull. Refused requests have a line each too, but no more than so many a minute: a client that asks for nonsense without
/// end would fill the disk. The others are counted, and told in one line when the minute is over.
/// </summary>
internal sealed partial class RequestLog(LogOptions options, TimeProvider time, ILogger<RequestLog> logger) : BackgroundService
{
    private const int LongestPath = 300;
    private const int LongestMethod = 20;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, int> _omitted = new();
    private int _refused;

    public void Pulled(ImageName name, Tag tag, Digest digest, PullOutcome.Image image, TimeSpan took) =>
        Log.Pulled(logger, name.Text, tag.Text, digest, image.WasKnown ? "known" : "built", (long)took.TotalMilliseconds);

    public void PullRefused(ImageName name, Tag tag, OciError error, TimeSpan took)
    {
        if (HasLine(error.Status))
        {
            Log.PullRefused(logger, name.Text, tag.Text, error.Status, error.Message, (long)took.TotalMilliseconds);
        }
    }

    public void Refused(string method, string path, OciError error)
    {
        if (HasLine(error.Status))
        {
            Log.Refused(logger, Cut(method, LongestMethod), Cut(path, LongestPath), error.Status, error.Message);
        }
    }

    /// <param name="client">On whose account it was.</param>
    public void OverLimit(string client, OciError error)
    {
        if (HasLine(error.Status))
        {
            Log.OverLimit(logger, client, error.Message);
        }
    }

    /// <summary>What the last minute had is told as well.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Sum();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Period, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken))
            {
                Sum();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
    }

    private bool HasLine(int status)
    {
        if (Interlocked.Increment(ref _refused) <= options.RefusalsPerMinute)
        {
            return true;
        }

        _omitted.AddOrUpdate(status, 1, (_, count) => count + 1);
        Served.CountUnlogged();
        return false;
    }

    private void Sum()
    {
        Interlocked.Exchange(ref _refused, 0);
        var counts = _omitted.Keys.Order().Select(status => _omitted.TryRemove(status, out var count) ? $"{count} with {status}" : null).OfType<string>().ToList();
        if (counts.Count > 0)
        {
            Log.Omitted(logger, string.Join(", ", counts));
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length] + "...";

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "Pull {Image}:{Tag} {Digest} {How} in {Milliseconds} ms")]
        public static partial void Pulled(ILogger logger, string image, string tag, Digest digest, string how, long milliseconds);

        [LoggerMessage(4003, LogLevel.Information, "{Method} {Path} refused with {Status}: {Message}")]
        public static partial void Refused(ILogger logger, string method, string path, int status, string message);

        [LoggerMessage(4002, LogLevel.Information, "Pull {Image}:{Tag} refused with {Status} in {Milliseconds} ms: {Message}")]
        public static partial void PullRefused(ILogger logger, string image, string tag, int status, string message, long milliseconds);

        [LoggerMessage(4120, LogLevel.Information, "A client is over its limit ({Client}): {Message}")]
        public static partial void OverLimit(ILogger logger, string client, string message);

        [LoggerMessage(4004, LogLevel.Information, "Refused in the last minute besides those above: {Counts}")]
        public static partial void Omitted(ILogger logger, string counts);
    }
}

using Microsoft.Extensions.Logging;

namespace Nixery.Storage.Buckets;

/// <summary>
/// Tries one call again while the store cannot be used: after a pause that doubles up to a bound and of which each caller waits another
/// part, so that many do not come back at once (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, "full
/// jitter"). When the patience is at its end, the last fault flies on.
/// </summary>
public sealed partial class BucketRetry(BucketOptions options, TimeProvider time, ILogger<BucketRetry> logger)
{
    /// <summary>Slower than this is no connection that a registry can be run over.</summary>
    private const double LeastBytesPerSecond = 128 * 1024;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    public TimeSpan RequestTimeout => options.RequestTimeout;

    /// <summary>When an address that is signed now loses its worth.</summary>
    public TimeSpan UrlLifetime => options.UrlLifetime;

    public DateTimeOffset Now => time.GetUtcNow();

    public Task RunAsync(Func<CancellationToken, Task> call, long uploadBytes, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        uploadBytes,
        cancellationToken);

    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(call, 0, cancellationToken);

    /// <param name="call">May be made several times, each with a token of its own that ends it in time.</param>
    /// <param name="uploadBytes">How much a call sends: it has more time then.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, long uploadBytes, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await WithinAsync(call, uploadBytes, cancellationToken);
            }
            catch (BucketUnavailableException e) when (time.GetElapsedTime(begun) < options.Patience)
            {
                Log.Again(logger, e.Message);
            }

            await PauseAsync(attempt, cancellationToken);
        }
    }

    /// <summary>Waits before the attempt after <paramref name="attempt"/>, which counts from 0.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken)
    {
        var most = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 10)));
        return Task.Delay(TimeSpan.FromMilliseconds(1 + (most * Random.Shared.NextDouble())), time, cancellationToken);
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> call, long uploadBytes, CancellationToken cancellationToken)
    {
        var limit = options.RequestTimeout + TimeSpan.FromSeconds(uploadBytes / LeastBytesPerSecond);
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BucketUnavailableException($"the store did not answer within {limit}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Debug, "The store is asked again: {Problem}")]
        public static partial void Again(ILogger logger, string problem);
    }
}

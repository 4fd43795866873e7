using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nixery.Pulls.Keeping;

/// <summary>Has eviction run every hour, when the limit comes near, and at once for a build that lacks room.</summary>
internal sealed partial class EvictionLoop(Eviction eviction, KeepingOptions options, TimeProvider time, ILogger<EvictionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan RunEvery = TimeSpan.FromHours(1);

    /// <summary>A look at all that is stored is not made again for each build that finds no room.</summary>
    private static readonly TimeSpan BetweenRuns = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly List<Wish> _wishes = [];

    /// <summary>The limit is near: a run begins soon.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    /// <summary>Waits for the run that makes this room, or that finds out why it cannot.</summary>
    /// <returns>Why there is none; null where there is some now, or will be.</returns>
    public async Task<string?> MakeRoomAsync(long wantedBytes, TimeSpan longest, CancellationToken cancellationToken)
    {
        var wish = new Wish(wantedBytes);
        lock (_gate)
        {
            _wishes.Add(wish);
        }

        Wake();
        try
        {
            return longest > TimeSpan.Zero ? await wish.Shortage.Task.WaitAsync(longest, time, cancellationToken) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            // Who has gone wants nothing: a run can take long, and for all who asked in vain meanwhile the next would let go of everything.
            lock (_gate)
            {
                _wishes.Remove(wish);
            }
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.HasLimits)
        {
            return;
        }

        try
        {
            while (true)
            {
                if (!await TryRunAsync(stoppingToken))
                {
                    await Task.Delay(BetweenRuns, time, stoppingToken);
                }

                await _wake.WaitAsync(RunEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
        finally
        {
            lock (_gate)
            {
                Answer(_wishes, null);
                _wishes.Clear();
            }
        }
    }

    /// <returns>Whether there is room now.</returns>
    private async Task<bool> TryRunAsync(CancellationToken stoppingToken)
    {
        var wishes = TakeWishes();
        try
        {
            var report = await eviction.RunAsync(wishes.Sum(w => w.Bytes), stoppingToken);
            Answer(wishes, report.Shortage);
            return report is { Shortage: null, IsElsewhere: false };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, e.Message);
            return false;
        }
        finally
        {
            // Who was answered stays so; nobody waits for a run that has broken off.
            Answer(wishes, null);
        }
    }

    /// <summary>The first, and behind it as many as a run makes room for anyway; the others have the next run.</summary>
    private List<Wish> TakeWishes()
    {
        lock (_gate)
        {
            var bytes = 0L;
            var wishes = _wishes.TakeWhile((w, i) => (bytes += w.Bytes) <= options.RoomBytes || i == 0).ToList();
            _wishes.RemoveRange(0, wishes.Count);
            if (_wishes.Count > 0)
            {
                Wake();
            }

            return wishes;
        }
    }

    private static void Answer(List<Wish> wishes, string? shortage) => wishes.ForEach(w => w.Shortage.TrySetResult(shortage));

    private sealed record Wish(long Bytes)
    {
        public TaskCompletionSource<string?> Shortage { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(1133, LogLevel.Warning, "The storage could not be brought within its limits now: {Problem}")]
        public static partial void Failed(ILogger logger, string problem);
    }
}

namespace Nixery.Tests.Pulls.Keeping;

/// <summary>Time in which nobody waits: what is put off comes at once, and the clock goes on by as much.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private long _skipped;

    public void Skip(TimeSpan by) => Interlocked.Add(ref _skipped, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skipped));

    public override long GetTimestamp() => System.GetTimestamp() + (Interlocked.Read(ref _skipped) * (TimestampFrequency / TimeSpan.TicksPerSecond));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
        {
            Skip(dueTime);
        }

        return System.CreateTimer(callback, state, dueTime < TimeSpan.Zero ? dueTime : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

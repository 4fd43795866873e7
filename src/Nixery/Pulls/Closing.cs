namespace Nixery.Pulls;

/// <summary>
/// When builds have to end. That is later than the moment in which a server is told to stop: who waits for one may have it still. A step
/// that is under way then ends, and nothing half is left; what it had finished is found by the next server.
/// </summary>
public sealed class Closing(TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private ITimer? _timer;

    public CancellationToken Token => _closed.Token;

    /// <summary>Once, by whoever ends the server.</summary>
    public void CloseAfter(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            _timer = time.CreateTimer(_ => _closed.Cancel(), null, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            Close();
        }
    }

    /// <summary>Idempotent.</summary>
    public void Close() => _closed.Cancel();

    public void Dispose()
    {
        _timer?.Dispose();
        _closed.Dispose();
    }
}

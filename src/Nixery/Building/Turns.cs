namespace Nixery.Building;

/// <summary>
/// No more than <paramref name="limit"/> at a time, in order of arrival, and no more than <paramref name="mostWaiting"/> that wait: a
/// queue without end would have everybody wait for those who have left long since.
/// </summary>
internal sealed class Turns(int limit, int mostWaiting) : IDisposable
{
    // Those who wait by WaitAsync alone are let in first come, first served.
    private readonly SemaphoreSlim _places = new(limit, limit);
    private int _waiting;

    public int MostRunning => limit;

    public int Running => limit - _places.CurrentCount;

    public int MostWaiting => mostWaiting;

    /// <summary>One that is about to be told that there is no place may be among them.</summary>
    public int Waiting => Math.Min(Volatile.Read(ref _waiting), mostWaiting);

    /// <summary>Waits for a turn; false at once when too many wait already. Who has entered leaves.</summary>
    public async Task<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, cancellationToken))
        {
            return true;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > mostWaiting)
            {
                return false;
            }

            await _places.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Leave() => _places.Release();

    public void Dispose() => _places.Dispose();
}

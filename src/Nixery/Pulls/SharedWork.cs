namespace Nixery.Pulls;

/// <summary>
/// The same key at the same time is one run with many waiters. The run belongs to the house: it has the host's token, goes on
/// when waiters leave, and is forgotten, result and failure alike, once it has ended.
/// </summary>
internal sealed class SharedWork<TKey, T>(CancellationToken stopping) : IAsyncDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Task<T>> _running = [];

    /// <param name="cancellationToken">Ends this caller's waiting alone.</param>
    public Task<T> RunAsync(TKey key, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out var run))
            {
                run = RunAndForgetAsync(key, work);
                _running.Add(key, run);
            }

            return run.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits for what is running; the host's token has told it to end.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running.Values];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<T> RunAndForgetAsync(TKey key, Func<CancellationToken, Task<T>> work)
    {
        // Leaves the caller's lock before any of the work is done.
        await Task.Yield();
        try
        {
            return await work(stopping);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(key);
            }
        }
    }
}

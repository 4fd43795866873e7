namespace Nixery.Pulls;

/// <summary>
/// The same key at the same time is one run with many waiters. The run belongs to the house: it has the host's token, goes on
/// when waiters leave, and is forgotten, result and failure alike, once it has ended. A fault that nobody waits for any more is told
/// to <paramref name="onUnseenFault"/>.
/// </summary>
internal sealed class SharedWork<TKey, T>(Action<TKey, AggregateException> onUnseenFault, CancellationToken stopping) : IAsyncDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Run> _running = [];

    /// <param name="cancellationToken">Ends this caller's waiting alone.</param>
    public Task<T> RunAsync(TKey key, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out var run))
            {
                run = new Run(RunAndForgetAsync(key, work));
                _running.Add(key, run);
                _ = run.Task.ContinueWith(
                    ended => Report(key, run, ended), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            run.Waiters++;
            return WaitAsync(run, cancellationToken);
        }
    }

    /// <summary>Waits for what is running; the host's token has told it to end.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running.Values.Select(r => r.Task)];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<T> WaitAsync(Run run, CancellationToken cancellationToken)
    {
        try
        {
            return await run.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                run.Waiters--;
            }
        }
    }

    /// <summary>A fault that somebody waits for is that somebody's to report.</summary>
    private void Report(TKey key, Run run, Task ended)
    {
        int waiters;
        lock (_gate)
        {
            waiters = run.Waiters;
        }

        if (waiters == 0)
        {
            onUnseenFault(key, ended.Exception!);
        }
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

    private sealed class Run(Task<T> task)
    {
        public Task<T> Task { get; } = task;

        public int Waiters { get; set; }
    }
}

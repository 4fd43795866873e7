namespace Nixery.Pulls;

/// <summary>How long a client waits for work that goes on without it.</summary>
internal sealed class Patience(PullOptions options, TimeProvider time)
{
    public TimeSpan Limit => options.WaitFor;

    /// <summary>What the work gives, or null when it takes longer.</summary>
    /// <param name="wait">Waits for the work; its token ends the waiting alone.</param>
    /// <param name="cancellationToken">The client's own.</param>
    public async Task<T?> WaitAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(options.WaitFor, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await wait(waiting.Token);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == waiting.Token && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

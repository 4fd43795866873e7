namespace Nixery.Pulls;

/// <summary>What waits to be written when the server ends is written still, for a while: a server ends in time, too.</summary>
internal sealed class LastWord : IAsyncDisposable
{
    private static readonly TimeSpan For = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenRegistration _stopping;

    /// <param name="close">What is done as soon as the server is told to end: nothing more is to wait.</param>
    public LastWord(Action close, TimeProvider time, CancellationToken stoppingToken)
    {
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stopping = stoppingToken.Register(() =>
        {
            close();
            _end.CancelAfter(For);
        });
    }

    /// <summary>From then on nothing is written any more.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>What cannot be written is not waited for.</summary>
    public Task CutShortAsync() => _end.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        _end.Dispose();
    }
}

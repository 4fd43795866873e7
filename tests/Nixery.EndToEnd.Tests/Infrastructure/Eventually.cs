namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Waits for what another process does and does not tell us: files that appear, answers that change.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static Task Async(Func<bool> condition, string what) => Async(() => Task.FromResult(condition()), what);

    public static async Task Async(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"waited in vain: {what}", e);
            }
        }
    }
}

using Nixery.Pulls;

namespace Nixery.Tests.Pulls;

public sealed class SharedWorkTests
{
    private const int TimeoutMilliseconds = 30_000;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Equal_work_at_the_same_time_is_one_run()
    {
        var runs = 0;
        var release = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var shared = new SharedWork<string, int>(Nobody, CancellationToken.None);

        var waiters = Enumerable.Range(0, 20)
            .Select(_ => shared.RunAsync("a", _ => { Interlocked.Increment(ref runs); return release.Task; }, CancellationToken.None))
            .ToList();
        var other = shared.RunAsync("b", _ => Task.FromResult(2), CancellationToken.None);
        release.SetResult(1);

        (await Task.WhenAll(waiters)).Should().AllBeEquivalentTo(1);
        (await other).Should().Be(2);
        runs.Should().Be(1);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_waiter_that_leaves_does_not_end_the_run()
    {
        var release = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var leaving = new CancellationTokenSource();
        await using var shared = new SharedWork<string, int>(Nobody, CancellationToken.None);

        var leaves = shared.RunAsync("a", _ => release.Task, leaving.Token);
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => leaves).Should().ThrowAsync<OperationCanceledException>();

        var stays = shared.RunAsync("a", _ => throw new InvalidOperationException("a second run"), CancellationToken.None);
        release.SetResult(7);
        (await stays).Should().Be(7);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_ended_run_is_forgotten_whether_it_failed_or_not()
    {
        await using var shared = new SharedWork<string, int>(Nobody, CancellationToken.None);

        var failing = () => shared.RunAsync("a", _ => throw new IOException("broken"), CancellationToken.None);
        await failing.Should().ThrowAsync<IOException>();

        (await shared.RunAsync("a", _ => Task.FromResult(1), CancellationToken.None)).Should().Be(1);
        (await shared.RunAsync("a", _ => Task.FromResult(2), CancellationToken.None)).Should().Be(2);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_end_of_the_host_ends_the_run_and_disposal_waits_for_it()
    {
        using var host = new CancellationTokenSource();
        var shared = new SharedWork<string, int>(Nobody, host.Token);
        var ended = false;
        var run = shared.RunAsync(
            "a",
            async stopping =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, stopping);
                    return 1;
                }
                finally
                {
                    ended = true;
                }
            },
            CancellationToken.None);

        await host.CancelAsync();
        await shared.DisposeAsync();

        ended.Should().BeTrue();
        await FluentActions.Awaiting(() => run).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_fault_that_nobody_waits_for_is_reported_and_one_that_is_waited_for_is_not()
    {
        var reported = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var leaving = new CancellationTokenSource();
        await using var shared = new SharedWork<string, int>((_, fault) => reported.TrySetResult(fault.InnerException!), CancellationToken.None);

        var seen = () => shared.RunAsync("seen", _ => Task.FromException<int>(new IOException("seen")), CancellationToken.None);
        await seen.Should().ThrowAsync<IOException>();
        var leaves = shared.RunAsync("unseen", _ => release.Task, leaving.Token);
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => leaves).Should().ThrowAsync<OperationCanceledException>();
        release.SetException(new IOException("unseen"));

        (await reported.Task).Message.Should().Be("unseen");
    }

    private static void Nobody(string key, AggregateException fault) => throw new InvalidOperationException("a fault was reported", fault);
}

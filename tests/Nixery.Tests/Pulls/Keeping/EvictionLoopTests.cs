using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Pulls.Keeping;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class EvictionLoopTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly KeptStorage _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_storage_that_does_not_end_with_deleting_ends_a_run_and_not_all_that_come_after_it()
    {
        var old = await _storage.MakeAsync("old", "of old");
        var limit = await _storage.UsedBytesAsync();
        var isFirst = 1;
        // What the deletions of a turn come to when its time is over.
        _storage.Steps.AfterStep = what => what == "delete blob" && Interlocked.Exchange(ref isFirst, 0) == 1
            ? throw new OperationCanceledException()
            : Task.CompletedTask;

        await RunAsync(KeptStorage.Limit(limit), async loop =>
        {
            while (await _storage.IsThereAsync(old))
            {
                await loop.MakeRoomAsync(KeptStorage.LayerBytes, Long, CancellationToken.None);
            }

            (await loop.MakeRoomAsync(KeptStorage.LayerBytes, Long, CancellationToken.None)).Should().BeNull();
        });

        (await _storage.UsedBytesAsync()).Should().BeLessThan(limit / 2, "the run after that has ended the work");
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task For_those_who_have_waited_in_vain_nothing_goes()
    {
        var old = await _storage.MakeAsync("old", "of old");
        var limit = await _storage.UsedBytesAsync() * 3;

        await RunWhileHeldAsync(KeptStorage.Limit(limit), async (loop, release) =>
        {
            for (var i = 0; i < 5; i++)
            {
                (await loop.MakeRoomAsync(limit / 2, Moment, CancellationToken.None)).Should().BeNull();
            }

            release();
            (await loop.MakeRoomAsync(1, Long, CancellationToken.None)).Should().BeNull();
        });

        (await _storage.IsThereAsync(old)).Should().BeTrue();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task For_many_at_once_who_each_have_room_nothing_goes()
    {
        var old = await _storage.MakeAsync("old", "of old");
        var limit = await _storage.UsedBytesAsync() * 3;

        await RunWhileHeldAsync(KeptStorage.Limit(limit), async (loop, release) =>
        {
            var wishes = Enumerable.Range(0, 5).Select(_ => loop.MakeRoomAsync(limit / 3, Long, CancellationToken.None)).ToList();
            release();
            (await Task.WhenAll(wishes)).Should().AllSatisfy(shortage => shortage.Should().BeNull());
        });

        (await _storage.IsThereAsync(old)).Should().BeTrue();
    }

    /// <summary>The first run is held at its first change until it is released.</summary>
    private async Task RunWhileHeldAsync(KeepingOptions options, Func<EvictionLoop, Action, Task> use)
    {
        await _storage.PutAsync("of nobody");
        _storage.Time.Skip(TimeSpan.FromDays(1));
        var begun = new TaskCompletionSource();
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _storage.Steps.AfterStep = _ =>
        {
            begun.TrySetResult();
            return released.Task;
        };
        await RunAsync(options, async loop =>
        {
            await begun.Task;
            await use(loop, released.SetResult);
        });
    }

    private async Task RunAsync(KeepingOptions options, Func<EvictionLoop, Task> use)
    {
        using var loop = new EvictionLoop(_storage.Keeper(options), options, TimeProvider.System, NullLogger<EvictionLoop>.Instance);
        await loop.StartAsync(CancellationToken.None);
        await use(loop);
        await loop.StopAsync(CancellationToken.None);
    }
}

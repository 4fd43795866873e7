using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class StorageRoomTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly KeptStorage _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_fits_is_taken_and_what_does_not_waits_until_images_have_gone()
    {
        var old = await _storage.MakeAsync("old", "of old");
        var limit = await _storage.UsedBytesAsync() + KeptStorage.LayerBytes;
        await RunAsync(KeptStorage.Limit(limit), async room =>
        {
            await (await room.TakeAsync(KeptStorage.LayerBytes, CancellationToken.None)).DisposeAsync();
            (await _storage.IsThereAsync(old)).Should().BeTrue();
            await (await room.TakeAsync(2 * KeptStorage.LayerBytes, CancellationToken.None)).DisposeAsync();
        });

        (await _storage.IsThereAsync(old)).Should().BeFalse();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task For_what_is_larger_than_the_limit_nothing_goes()
    {
        var old = await _storage.MakeAsync("old", "of old");
        var limit = await _storage.UsedBytesAsync();
        await RunAsync(KeptStorage.Limit(limit * 2), async room =>
            (await FluentActions.Awaiting(() => room.TakeAsync((limit * 2) + 1, CancellationToken.None)).Should().ThrowAsync<StorageFullException>())
                .Which.Message.Should().Contain("larger than"));

        (await _storage.IsThereAsync(old)).Should().BeTrue();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Where_nothing_may_go_it_is_said_why()
    {
        var kept = await _storage.MakeAsync("kept", "of kept");
        await RunAsync(KeptStorage.Limit(await _storage.UsedBytesAsync(), "kept"), async room =>
            (await FluentActions.Awaiting(() => room.TakeAsync(KeptStorage.LayerBytes, CancellationToken.None)).Should().ThrowAsync<StorageFullException>())
                .Which.Message.Should().Contain("limit").And.Contain("ask again"));

        (await _storage.IsThereAsync(kept)).Should().BeTrue();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_is_on_the_way_counts_before_it_is_there()
    {
        var limit = await _storage.UsedBytesAsync() + (3 * KeptStorage.LayerBytes);
        await RunAsync(KeptStorage.Limit(limit), async room =>
        {
            await using var one = await room.TakeAsync(2 * KeptStorage.LayerBytes, CancellationToken.None);
            await FluentActions.Awaiting(() => room.TakeAsync(2 * KeptStorage.LayerBytes, CancellationToken.None)).Should().ThrowAsync<StorageFullException>();
        });
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Of_many_who_come_at_once_one_counts_for_all()
    {
        await _storage.MakeAsync("a", "of a");
        var options = KeptStorage.Limit(await _storage.UsedBytesAsync() * 1000);
        using var loop = new EvictionLoop(_storage.Keeper(options), options, TimeProvider.System, NullLogger<EvictionLoop>.Instance);
        using var room = new StorageRoom(_storage.Look(), _storage.Warehouse.Leases, loop, options, TimeProvider.System);

        var taken = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => room.TakeAsync(1, CancellationToken.None)));

        taken.Should().HaveCount(10);
        _storage.Steps.Lists.Should().Be(2, "one was the test's own");
    }

    private async Task RunAsync(KeepingOptions options, Func<StorageRoom, Task> use)
    {
        using var loop = new EvictionLoop(_storage.Keeper(options), options, TimeProvider.System, NullLogger<EvictionLoop>.Instance);
        using var room = new StorageRoom(_storage.Look(), _storage.Warehouse.Leases, loop, options, TimeProvider.System);
        await loop.StartAsync(CancellationToken.None);
        await use(room);
        await loop.StopAsync(CancellationToken.None);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Layers;
using Nixery.Pulls;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Tests.Pulls;

public sealed class PinTablesTests
{
    private static readonly PinnedSource Source = new PinnedSource.Folder("/packages", new string('0', 64));

    private readonly PinTables _tables = new(
        new TypedRecords(new RememberingRecordStore(new MemoryRecords(), 1000), NullLogger<TypedRecords>.Instance), ILayerPlanner.Of(new LayerOptions()));

    [Fact(Timeout = 30_000)]
    public async Task Of_two_servers_that_choose_for_a_new_pin_the_first_one_counts()
    {
        (await KeepAsync(null, new PinTable("a", 1))).Id.Should().Be("a");

        (await KeepAsync(null, new PinTable("b", 1))).Id.Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Of_two_servers_that_learn_at_the_same_size_the_first_one_counts_and_at_a_larger_one_the_last()
    {
        var before = await KeepAsync(null, new PinTable("none", 0));

        (await KeepAsync(before, new PinTable("a", 1))).Id.Should().Be("a");
        (await KeepAsync(before, new PinTable("b", 1))).Id.Should().Be("a");
        (await KeepAsync(before, new PinTable("c", 2))).Id.Should().Be("c");
    }

    [Fact(Timeout = 30_000)]
    public async Task A_table_that_is_gone_from_the_storage_is_replaced()
    {
        var before = await KeepAsync(null, new PinTable("gone", 1));

        (await KeepAsync(before, new PinTable("b", 1))).Id.Should().Be("b");
    }

    private Task<PinTable> KeepAsync(PinTable? known, PinTable chosen) =>
        _tables.KeepAsync(Source, PinTables.Learned, known, chosen, CancellationToken.None);
}

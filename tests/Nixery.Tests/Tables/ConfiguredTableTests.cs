using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Layers;
using Nixery.Storage;
using Nixery.Tables;

namespace Nixery.Tests.Tables;

public sealed class ConfiguredTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryRecords _records = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task While_the_table_cannot_be_read_the_one_that_was_read_last_goes_on_after_a_restart_too()
    {
        var file = _folder.File("table.json", """{"zlib-1.2":100}""");
        var before = At(file);
        var first = await before.FindAsync(CancellationToken.None);
        await before.RememberAsync(CancellationToken.None);

        File.Delete(file);

        var second = await At(file).FindAsync(CancellationToken.None);
        second!.Id.Should().Be(first!.Id);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_table_that_was_never_read_is_none_until_it_can_be()
    {
        var file = Path.Combine(_folder.Path, "table.json");
        var table = At(file);

        (await table.FindAsync(CancellationToken.None)).Should().BeNull();
        (await table.RefreshAsync(CancellationToken.None)).Should().BeFalse();
        await File.WriteAllTextAsync(file, """{"zlib-1.2":100}""");
        (await table.RefreshAsync(CancellationToken.None)).Should().BeTrue();

        (await table.FindAsync(CancellationToken.None))!.Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_page_of_errors_does_not_take_the_place_of_a_table()
    {
        var file = _folder.File("table.json", """{"zlib-1.2":100}""");
        var table = At(file);
        var before = await table.FindAsync(CancellationToken.None);

        await File.WriteAllTextAsync(file, """{"error":404}""");

        (await table.RefreshAsync(CancellationToken.None)).Should().BeFalse();
        (await table.FindAsync(CancellationToken.None)).Should().BeSameAs(before);
    }

    [Fact]
    public void A_new_token_in_the_address_makes_no_other_table_of_it()
    {
        At("https://user:a@tables.example/t.json?token=a").Origin.Should()
            .Be(At("https://tables.example/t.json?token=b").Origin).And.NotBe(At("https://tables.example/u.json").Origin);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_record_of_another_table_counts_as_absent()
    {
        var table = HintTable.OfPopularity(new Dictionary<string, long> { ["zlib-1.2"] = 0 });
        await new TableMemory(_records, NullLogger<TableMemory>.Instance).PutAsync(table, CancellationToken.None);
        var key = (await _records.ListAsync("table", CancellationToken.None).SingleAsync()).Key;
        var other = new string('0', 64);
        await _records.PutAsync(RecordKey.Of("table", "1", other), (await _records.FindAsync(key, CancellationToken.None))!.Value, CancellationToken.None);

        var memory = new TableMemory(_records, NullLogger<TableMemory>.Instance);
        (await memory.FindAsync(other, CancellationToken.None)).Should().BeNull();
        (await memory.FindAsync(table.Id, CancellationToken.None))!.FindByName("zlib-1.2")!.Share.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_storage_that_cannot_be_used_ends_no_looks_at_the_table()
    {
        var time = new ManualTime();
        _records.IsBroken = true;
        using var refresher = new TableRefresher(At(_folder.File("table.json", """{"zlib-1.2":100}""")), time, NullLogger<TableRefresher>.Instance);
        await refresher.StartAsync(CancellationToken.None);
        while (_records.Refused == 0)
        {
            refresher.ExecuteTask!.IsFaulted.Should().BeFalse();
            await Task.Yield();
        }

        _records.IsBroken = false;
        while (!await _records.ListAsync("table-read", CancellationToken.None).AnyAsync())
        {
            refresher.ExecuteTask!.IsFaulted.Should().BeFalse();
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await refresher.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = 30_000)]
    public async Task Where_none_is_set_there_is_none() =>
        (await At("").FindAsync(CancellationToken.None)).Should().BeNull();

    private ConfiguredTable At(string place) => new(
        place,
        new TableReader(_http, TimeProvider.System),
        new TableMemory(_records, NullLogger<TableMemory>.Instance),
        _records,
        NullLogger<ConfiguredTable>.Instance);
}

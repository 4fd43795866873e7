using Microsoft.Extensions.Logging.Abstractions;
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
    public async Task Where_none_is_set_there_is_none() =>
        (await At("").FindAsync(CancellationToken.None)).Should().BeNull();

    private ConfiguredTable At(string place) => new(
        place,
        new TableReader(_http, TimeProvider.System),
        new TableMemory(_records, NullLogger<TableMemory>.Instance),
        _records,
        NullLogger<ConfiguredTable>.Instance);
}

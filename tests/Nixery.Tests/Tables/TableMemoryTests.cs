using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Storage;
using Nixery.Tables;

namespace Nixery.Tests.Tables;

public sealed class TableMemoryTests : IDisposable
{
    private readonly MemoryRecords _records = new();
    private readonly TableMemory _memory;

    public TableMemoryTests() => _memory = new TableMemory(_records, NullLogger<TableMemory>.Instance);

    public void Dispose() => _memory.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task A_record_that_would_fill_the_memory_when_it_is_unpacked_is_no_table()
    {
        // Blanks before and behind it change nothing of what JSON means.
        var bomb = Pack([.. "{"u8, .. Enumerable.Repeat((byte)' ', 65 * 1024 * 1024), .. "\"a-1\": 1}"u8]);
        bomb.Length.Should().BeLessThan(1_000_000);
        await _records.PutAsync(RecordKey.Of("table", "1", "a"), bomb, CancellationToken.None);

        FluentActions.Invoking(() => TableMemory.Read(bomb)).Should().Throw<InvalidDataException>().WithMessage("*67108864 bytes*");
        (await _memory.FindAsync("a", CancellationToken.None)).Should().BeNull("what cannot be read counts as absent");
    }

    [Fact]
    public void A_large_table_is_read() =>
        TableMemory.Read(Pack([.. "{"u8, .. Enumerable.Repeat((byte)' ', 60 * 1024 * 1024), .. "\"a-1\": 1}"u8])).Popularity.Should().ContainKey("a-1");

    private static byte[] Pack(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }
}

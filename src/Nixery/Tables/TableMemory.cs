using System.IO.Compression;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Storage;

namespace Nixery.Tables;

/// <summary>
/// The tables that images were planned with, by their ids, in the storage: an image of an old table can be made again byte by byte, and
/// another server has the same ones.
/// </summary>
internal sealed partial class TableMemory(IRecordStore records, ILogger<TableMemory> logger) : IDisposable
{
    /// <summary>A server has one for each package set, and some from before.</summary>
    private const int MostInMemory = 8;

    private readonly MemoryCache _tables = new(new MemoryCacheOptions { SizeLimit = MostInMemory });

    /// <summary>Null where there is none, or none that can be read.</summary>
    public async Task<HintTable?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (_tables.TryGetValue(id, out HintTable? known))
        {
            return known;
        }

        if (await records.FindAsync(KeyOf(id), cancellationToken) is not { } content)
        {
            return null;
        }

        try
        {
            var table = Read(content);
            return table.Id == id ? Keep(table) : throw new InvalidDataException($"it holds the table {table.Id}");
        }
        catch (InvalidDataException e)
        {
            Log.Unreadable(logger, id, e.Message);
            return null;
        }
    }

    public async Task PutAsync(HintTable table, CancellationToken cancellationToken)
    {
        if (_tables.TryGetValue(table.Id, out _))
        {
            return;
        }

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(HintTableFormat.Write(table), cancellationToken);
        }

        await records.PutAsync(KeyOf(table.Id), packed.ToArray(), cancellationToken);
        Keep(table);
    }

    public void Dispose() => _tables.Dispose();

    /// <exception cref="InvalidDataException">It is no table.</exception>
    public static HintTable Read(ReadOnlyMemory<byte> content)
    {
        using var packed = new MemoryStream(content.ToArray());
        using var plain = new GZipStream(packed, CompressionMode.Decompress);
        using var json = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = plain.Read(buffer)) > 0;)
        {
            // Packed, a little can stand for more than there is memory.
            if (json.Length + read > PlaceReader.MaxBytes)
            {
                throw new InvalidDataException($"unpacked it is larger than {PlaceReader.MaxBytes} bytes, and no table");
            }

            json.Write(buffer, 0, read);
        }

        return HintTableFormat.Read(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    private HintTable Keep(HintTable table) => _tables.Set(table.Id, table, new MemoryCacheEntryOptions { Size = 1 });

    private static RecordKey KeyOf(string id) => RecordKey.Of("table", "1", id);

    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Warning, "The record of the table {Id} cannot be read and counts as absent: {Problem}")]
        public static partial void Unreadable(ILogger logger, string id, string problem);
    }
}

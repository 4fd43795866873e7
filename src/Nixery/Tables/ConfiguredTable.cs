using System.Text;
using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Storage;

namespace Nixery.Tables;

/// <summary>
/// The table that a setting names: as it was read last, by this server or, while it cannot be read, by any one before on the same storage.
/// A table that cannot be had is never in the way of a pull.
/// </summary>
/// <param name="place">A path or an address; empty for none.</param>
internal sealed partial class ConfiguredTable(
    string place, TableReader reader, TableMemory memory, IRecordStore records, ILogger<ConfiguredTable> logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private HintTable? _table;
    private bool _hasLooked;
    private string? _rememberedId;

    /// <summary>Empty where none is set; else what tells this place from another one. A new password or token in the address makes no new place of it.</summary>
    public string Origin { get; } = place.Length == 0 ? "" : RecordKey.Of("table-place", TableReader.Name(place)).Hex;

    /// <summary>The first who asks has it read, and waits for that. Nothing is written.</summary>
    public async Task<HintTable?> FindAsync(CancellationToken cancellationToken)
    {
        if (place.Length > 0 && !_hasLooked)
        {
            await LookAsync(onlyIfNever: true, cancellationToken);
        }

        return _table;
    }

    /// <summary>Reads it again, and remembers it.</summary>
    /// <returns>Whether it could be read.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var isRead = await LookAsync(onlyIfNever: false, cancellationToken);
        await RememberAsync(cancellationToken);
        return isRead;
    }

    /// <summary>Writes down that this table was read last, for when it cannot be.</summary>
    public async Task RememberAsync(CancellationToken cancellationToken)
    {
        if (_table is { } table && table.Id != _rememberedId)
        {
            await memory.PutAsync(table, cancellationToken);
            await records.PutAsync(LastReadKey(), Encoding.ASCII.GetBytes(table.Id), cancellationToken);
            _rememberedId = table.Id;
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<bool> LookAsync(bool onlyIfNever, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (onlyIfNever && _hasLooked)
            {
                return _table is not null;
            }

            var reading = await reader.ReadAsync(place, cancellationToken);
            if (reading is TableReading.Read { Table: var table })
            {
                await KeepAsync(table, cancellationToken);
            }
            else
            {
                await FallBackAsync(((TableReading.Failed)reading).Explanation, cancellationToken);
            }

            _hasLooked = true;
            return reading is TableReading.Read;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task KeepAsync(HintTable table, CancellationToken cancellationToken)
    {
        if (table.Id != _table?.Id)
        {
            if (!table.HasHosts && (_table ?? await FindLastReadAsync(cancellationToken)) is { HasHosts: true } before)
            {
                Log.OnlyCounts(logger, TableReader.Name(place), before.Id);
            }

            Log.Read(logger, TableReader.Name(place), table.Count, table.Id);
        }

        _table = table;
    }

    private async Task FallBackAsync(string problem, CancellationToken cancellationToken)
    {
        _table ??= await FindLastReadAsync(cancellationToken);
        if (_table is { } table)
        {
            _rememberedId = table.Id;
            Log.ReadBefore(logger, problem, table.Id);
        }
        else
        {
            Log.None(logger, problem);
        }
    }

    private async Task<HintTable?> FindLastReadAsync(CancellationToken cancellationToken) =>
        await records.FindAsync(LastReadKey(), cancellationToken) is { } id
            ? await memory.FindAsync(Encoding.ASCII.GetString(id.Span), cancellationToken)
            : null;

    private RecordKey LastReadKey() => RecordKey.Changing("table-read", TableReader.Name(place));

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Information, "Layers are planned with the table {Place} of {Count} names, {Id}")]
        public static partial void Read(ILogger logger, string place, int count, string id);

        [LoggerMessage(1302, LogLevel.Warning, "{Problem}; the one that was read last goes on, {Id}")]
        public static partial void ReadBefore(ILogger logger, string problem, string id);

        [LoggerMessage(1303, LogLevel.Warning, "{Problem}; until it can, layers are planned without it")]
        public static partial void None(ILogger logger, string problem);

        [LoggerMessage(1304, LogLevel.Warning, "{Place} is a file of counts now, which tell of no hosts; the table {Id} that was there before told of them")]
        public static partial void OnlyCounts(ILogger logger, string place, string id);
    }
}

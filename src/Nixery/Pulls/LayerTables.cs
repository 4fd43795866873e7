using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Sources;
using Nixery.Storage;
using Nixery.Tables;

namespace Nixery.Pulls;

/// <summary>The table that an image is planned with.</summary>
/// <param name="Id">Part of the image's identity.</param>
/// <param name="Table">Null for none.</param>
internal sealed record ChosenTable(string Id, HintTable? Table)
{
    public static readonly ChosenTable None = new("none", null);
}

/// <summary>
/// Chooses the table for what is built at a pin: the one that is set, else one learned from the images that were built. A pin keeps its
/// table, but for the few sizes of <see cref="LearningSchedule"/> and for another setting; and all that it ever had are written down, so
/// that an image is found under the one that it was planned with.
/// </summary>
internal sealed partial class LayerTables(
    ConfiguredTable configured, TableMemory memory, TableLearner learner, ILayerPlanner planner, TypedRecords records, ILogger<LayerTables> logger) : IDisposable
{
    /// <summary>Three sizes, a start without, and some changes of mind; images of older ones are built again when they are asked for.</summary>
    private const int MostTablesOfPin = 8;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly MemoryCache _pins = new(new MemoryCacheOptions { SizeLimit = 1000 });

    /// <summary>Ids of the tables that images at this pin were planned with, the latest first; as far as this server has heard.</summary>
    public async ValueTask<IReadOnlyList<string>> UsedAsync(PinnedSource source, CancellationToken cancellationToken)
    {
        var known = _pins.Get<PinTables>(source.Key) ?? await ReadAsync(source, cancellationToken);
        return known?.Ids ?? [];
    }

    /// <summary>The table for an image that is to be built now; asks the storage what other servers have chosen.</summary>
    public async Task<ChosenTable> ChooseAsync(PinnedSource source, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var known = await ReadAsync(source, cancellationToken);
            var seen = await learner.CountAsync(source.Arguments.Set, cancellationToken);
            return await FromSettingAsync(source, known, seen, cancellationToken)
                ?? await LearnedAsync(source, known, seen, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A table that was chosen before; null where the storage has it no more.</summary>
    public async Task<ChosenTable?> FindAsync(string id, CancellationToken cancellationToken) =>
        id == ChosenTable.None.Id ? ChosenTable.None
        : await memory.FindAsync(id, cancellationToken) is { } table ? new ChosenTable(id, table)
        : null;

    public void Dispose()
    {
        _gate.Dispose();
        _pins.Dispose();
    }

    private async Task<ChosenTable?> FromSettingAsync(PinnedSource source, PinTables? known, int seen, CancellationToken cancellationToken)
    {
        if (configured.Origin.Length == 0)
        {
            return null;
        }

        var kept = known?.Origin == configured.Origin ? (await FindAsync(known.Ids[0], cancellationToken))?.Table : null;
        var table = kept ?? await configured.FindAsync(cancellationToken);
        // Popularity alone says nothing of hosts: as soon as there is a table that was learned, that one is better.
        if (table is null || (!table.HasHosts && learner.StageOf(seen) > 0))
        {
            return null;
        }

        var chosen = new ChosenTable(table.Id, table);
        return kept is not null ? chosen : await WriteAsync(source, known, chosen, configured.Origin, stage: 0, cancellationToken);
    }

    private async Task<ChosenTable> LearnedAsync(PinnedSource source, PinTables? known, int seen, CancellationToken cancellationToken)
    {
        var ofPin = known?.Origin == PinTables.Learned ? known : null;
        if (ofPin is not null && !learner.IsDue(ofPin.Stage, seen) && await FindAsync(ofPin.Ids[0], cancellationToken) is { } kept)
        {
            return kept;
        }

        if (await learner.LearnAsync(source.Arguments.Set, cancellationToken) is not { } table)
        {
            return await WriteAsync(source, known, ChosenTable.None, PinTables.Learned, learner.StageOf(seen), cancellationToken);
        }

        await memory.PutAsync(table, cancellationToken);
        Log.Learned(logger, table.Count, seen, table.Id);
        return await WriteAsync(source, known, new ChosenTable(table.Id, table), PinTables.Learned, learner.StageOf(seen), cancellationToken);
    }

    private async Task<ChosenTable> WriteAsync(
        PinnedSource source, PinTables? known, ChosenTable chosen, string origin, int stage, CancellationToken cancellationToken)
    {
        string[] ids = [chosen.Id, .. (known?.Ids ?? []).Where(id => id != chosen.Id).Take(MostTablesOfPin - 1)];
        var tables = new PinTables(ids, origin, stage);
        await records.PutAsync(KeyOf(source), tables, PinTablesJson.Default.PinTables, cancellationToken);
        Keep(source, tables);
        return chosen;
    }

    private async Task<PinTables?> ReadAsync(PinnedSource source, CancellationToken cancellationToken) =>
        await records.FindAsync(KeyOf(source), PinTablesJson.Default.PinTables, cancellationToken) is { Ids.Count: > 0 } tables ? Keep(source, tables) : null;

    private PinTables Keep(PinnedSource source, PinTables tables) => _pins.Set(source.Key, tables, new MemoryCacheEntryOptions { Size = 1 });

    private RecordKey KeyOf(PinnedSource source) => RecordKey.Changing("pin-tables", "1", planner.Identity, source.Key);

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Information, "Layers are planned with a table of {Count} paths, learned from {Images} images, {Id}")]
        public static partial void Learned(ILogger logger, int count, int images, string id);
    }
}

/// <summary>The tables of a pin.</summary>
/// <param name="Ids">The one in use first, then those before it.</param>
/// <param name="Origin">Where the one in use is from: <see cref="Learned"/>, or what stands for the setting.</param>
/// <param name="Stage">How many sizes of the schedule had been reached when it was learned.</param>
internal sealed record PinTables(IReadOnlyList<string> Ids, string Origin, int Stage)
{
    public const string Learned = "learned";
}

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PinTables))]
internal sealed partial class PinTablesJson : JsonSerializerContext;

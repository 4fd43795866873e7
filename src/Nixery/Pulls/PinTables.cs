using System.Text.Json.Serialization;
using Nixery.Layers;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Which table a pin has, in the storage: one for what is learned and one for each setting, side by side, so that servers whose settings
/// differ, as while one is being changed, do not undo each other's choice.
/// </summary>
internal sealed class PinTables(TypedRecords records, ILayerPlanner planner)
{
    /// <summary>The origin of tables that were learned; a setting's is <see cref="Tables.ConfiguredTable.Origin"/>.</summary>
    public const string Learned = "learned";

    public async Task<PinTable?> FindAsync(PinnedSource source, string origin, CancellationToken cancellationToken) =>
        await records.FindAsync(KeyOf(source, origin), PinTablesJson.Default.PinTable, cancellationToken)
        ?? (await FindOldAsync(source, cancellationToken) is { } old && old.Origin == origin ? new PinTable(old.Ids[0], old.Stage) : null);

    /// <summary>Writes the choice down, unless another server has chosen since <paramref name="known"/> was read.</summary>
    /// <returns>The choice that counts.</returns>
    public async Task<PinTable> KeepAsync(PinnedSource source, string origin, PinTable? known, PinTable chosen, CancellationToken cancellationToken)
    {
        var key = KeyOf(source, origin);
        if (known is null && await records.TryCreateAsync(key, chosen, PinTablesJson.Default.PinTable, cancellationToken))
        {
            return chosen;
        }

        // Choosing takes seconds where a table is learned, so it is read once more.
        var current = await records.FindAsync(key, PinTablesJson.Default.PinTable, cancellationToken);
        if (current is not null && current != known && current.Stage >= chosen.Stage)
        {
            return current;
        }

        await records.PutAsync(key, chosen, PinTablesJson.Default.PinTable, cancellationToken);
        return chosen;
    }

    /// <summary>The tables of the pin as versions before this one have written them: images then were known by them alone.</summary>
    public async Task<IReadOnlyList<string>> OldIdsAsync(PinnedSource source, CancellationToken cancellationToken) =>
        (await FindOldAsync(source, cancellationToken))?.Ids ?? [];

    private async Task<OldPinTables?> FindOldAsync(PinnedSource source, CancellationToken cancellationToken) =>
        await records.FindAsync(OldKeyOf(source), PinTablesJson.Default.OldPinTables, cancellationToken) is { Ids.Count: > 0 } old ? old : null;

    private RecordKey KeyOf(PinnedSource source, string origin) => RecordKey.Changing("pin-table", "1", planner.Identity, source.Key, origin);

    private RecordKey OldKeyOf(PinnedSource source) => RecordKey.Changing("pin-tables", "1", planner.Identity, source.Key);
}

/// <summary>The table of a pin.</summary>
/// <param name="Id">Of the table; "none" for none.</param>
/// <param name="Stage">How many sizes of the schedule had been reached when it was learned; 0 for one that is set.</param>
internal sealed record PinTable(string Id, int Stage);

/// <summary>Tables of a pin as they were written down once, and are read still.</summary>
/// <param name="Ids">The one in use first, then those before it.</param>
/// <param name="Origin">Where the one in use is from.</param>
internal sealed record OldPinTables(IReadOnlyList<string> Ids, string Origin, int Stage);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PinTable))]
[JsonSerializable(typeof(OldPinTables))]
internal sealed partial class PinTablesJson : JsonSerializerContext;

using Microsoft.Extensions.Logging;
using Nixery.Layers;
using Nixery.Sources;
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
/// table, but for the few sizes of <see cref="LearningSchedule"/> and for another setting.
/// </summary>
internal sealed partial class LayerTables(
    ConfiguredTable configured, TableMemory memory, TableLearner learner, PinTables pins, ILogger<LayerTables> logger) : IDisposable
{
    /// <summary>Pins hardly ever meet at one of them.</summary>
    private const int GateCount = 64;

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, GateCount).Select(_ => new SemaphoreSlim(1))];

    /// <summary>The table for an image that is to be built now; asks the storage what other servers have chosen, and tells them.</summary>
    public async Task<ChosenTable> ChooseAsync(PinnedSource source, CancellationToken cancellationToken)
    {
        // Learning takes seconds, and one of the builds at a pin does it for all of them.
        var gate = _gates[(uint)StringComparer.Ordinal.GetHashCode(source.Key) % GateCount];
        await gate.WaitAsync(cancellationToken);
        try
        {
            var choice = await DecideAsync(source, cancellationToken);
            return choice.IsNew ? await KeepAsync(source, choice, cancellationToken) : choice.Table;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What <see cref="ChooseAsync"/> would choose; nothing is written.</summary>
    public async Task<ChosenTable> ForeseeAsync(PinnedSource source, CancellationToken cancellationToken) =>
        (await DecideAsync(source, cancellationToken)).Table;

    /// <summary>A table that was chosen before; null where the storage has it no more.</summary>
    public async Task<ChosenTable?> FindAsync(string id, CancellationToken cancellationToken) =>
        id == ChosenTable.None.Id ? ChosenTable.None
        : await memory.FindAsync(id, cancellationToken) is { } table ? new ChosenTable(id, table)
        : null;

    public void Dispose() => Array.ForEach(_gates, gate => gate.Dispose());

    private async Task<Choice> DecideAsync(PinnedSource source, CancellationToken cancellationToken) =>
        await FromSettingAsync(source, cancellationToken) ?? await LearnedAsync(source, cancellationToken);

    private async Task<Choice?> FromSettingAsync(PinnedSource source, CancellationToken cancellationToken)
    {
        if (configured.Origin.Length == 0)
        {
            return null;
        }

        var known = await pins.FindAsync(source, configured.Origin, cancellationToken);
        var kept = known is null ? null : (await FindAsync(known.Id, cancellationToken))?.Table;
        var table = kept ?? await configured.FindAsync(cancellationToken);
        // Popularity alone says nothing of hosts: as soon as there is a table that was learned, that one is better.
        return table is null || (!table.HasHosts && await HasLearnedAsync(source, cancellationToken))
            ? null
            : new Choice(new ChosenTable(table.Id, table), configured.Origin, 0, known, 0, IsNew: kept is null);
    }

    /// <summary>Whether there is a table that was learned, or enough to learn one.</summary>
    private async Task<bool> HasLearnedAsync(PinnedSource source, CancellationToken cancellationToken) =>
        await pins.FindAsync(source, PinTables.Learned, cancellationToken) is { Stage: > 0 }
        || learner.StageOf(await CountAsync(source, cancellationToken)) > 0;

    private async Task<Choice> LearnedAsync(PinnedSource source, CancellationToken cancellationToken)
    {
        var known = await pins.FindAsync(source, PinTables.Learned, cancellationToken);
        var kept = known is null ? null : await FindAsync(known.Id, cancellationToken);
        // The sample is large where it is not needed any more.
        var seen = kept is not null && learner.IsLast(known!.Stage) ? 0 : await CountAsync(source, cancellationToken);
        if (kept is not null && !learner.IsDue(known!.Stage, seen))
        {
            return new Choice(kept, PinTables.Learned, known.Stage, known, seen, IsNew: false);
        }

        var learned = await learner.LearnAsync(source.Arguments.Set, cancellationToken);
        // One of a few images, where the rest could not be read, is no better than the one that there is.
        var table = kept?.Table is not null && learned.Stage <= known!.Stage ? kept
            : learned.Table is { } made ? new ChosenTable(made.Id, made)
            : ChosenTable.None;
        return new Choice(table, PinTables.Learned, learner.StageOf(seen), known, seen, IsNew: true);
    }

    private Task<int> CountAsync(PinnedSource source, CancellationToken cancellationToken) =>
        learner.CountAsync(source.Arguments.Set, cancellationToken);

    /// <returns>The table that counts: another server may have chosen meanwhile.</returns>
    private async Task<ChosenTable> KeepAsync(PinnedSource source, Choice choice, CancellationToken cancellationToken)
    {
        var (id, table) = choice.Table;
        if (choice.Origin == configured.Origin)
        {
            await configured.RememberAsync(cancellationToken);
        }

        if (table is not null)
        {
            await memory.PutAsync(table, cancellationToken);
        }

        var counts = await pins.KeepAsync(source, choice.Origin, choice.Known, new PinTable(id, choice.Stage), cancellationToken);
        if (counts.Id == id && table is not null && choice.Origin == PinTables.Learned)
        {
            Log.Learned(logger, table.Count, choice.Seen, id);
        }

        return counts.Id == id ? choice.Table : await FindAsync(counts.Id, cancellationToken) ?? choice.Table;
    }

    /// <param name="Known">What the pin had.</param>
    /// <param name="Seen">How many images there are to learn from, where that decided.</param>
    /// <param name="IsNew">Whether it is still to be written down.</param>
    private sealed record Choice(ChosenTable Table, string Origin, int Stage, PinTable? Known, int Seen, bool IsNew);

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Information, "Layers are planned with a table of {Count} paths, learned from {Images} images, {Id}")]
        public static partial void Learned(ILogger logger, int count, int images, string id);
    }
}

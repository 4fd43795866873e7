using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Packing;

namespace Nixery.Pulls;

/// <summary>
/// Packs layers of an image while Nix still realises others. All that comes of it is that layers are stored when step 9 looks for
/// them: where the foreseen closure is not what Nix makes in the end, or nothing can be foreseen, nothing is lost.
/// </summary>
/// <param name="turns">
/// As many as realisations, for those that wait for their realisation would ask Nix every second and get nothing. Nobody is turned away.
/// </param>
internal sealed partial class EarlyPacking(
    IStoreForesight foresight, OutputMemory memory, ImageLayers layers, Turns turns, TimeProvider time, ILogger<EarlyPacking> logger)
{
    /// <summary>A realisation that is worth it takes many seconds, and a look takes some hundredths of one.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Ends when all that was foreseen is packed, or by the token, for instance when the realisation has ended.</summary>
    public async Task RunAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        try
        {
            if (await turns.TryEnterAsync(cancellationToken))
            {
                await RunInTurnAsync(draft, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is being packed goes on, and step 9 finds it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or UnpackableException)
        {
            // The store or the storage: step 9 meets it again, and knows what to say.
            Log.Stopped(logger, draft.Request.CanonicalName, e.Message);
        }
    }

    private async Task RunInTurnAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindClosureAsync(draft, cancellationToken) is { } closure)
            {
                await PackAsPresentAsync(draft, layers.Plan(draft, closure), cancellationToken);
            }
        }
        finally
        {
            turns.Leave();
        }
    }

    private async Task<ClosureGraph?> FindClosureAsync(ImageDraft draft, CancellationToken cancellationToken) =>
        (await memory.FindAsync(draft.Outputs, cancellationToken))?.Closure ?? await foresight.ForeseeAsync(draft.Outputs, cancellationToken);

    private async Task PackAsPresentAsync(ImageDraft draft, IReadOnlyList<PlannedLayer> planned, CancellationToken cancellationToken)
    {
        var left = planned.ToList();
        using var next = new PeriodicTimer(BetweenLooks, time);
        do
        {
            var present = await foresight.FindPresentAsync([.. left.SelectMany(l => l.Paths)], cancellationToken);
            var ready = left.Where(l => present.IsSupersetOf(l.Paths)).ToList();
            if (ready.Count > 0 && await layers.TryPackAsync(ready, cancellationToken) is not null)
            {
                Log.Packed(logger, ready.Count, left.Count, draft.Request.CanonicalName);
                left.RemoveAll(ready.Contains);
            }
        }
        while (left.Count > 0 && await next.WaitForNextTickAsync(cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1105, LogLevel.Debug, "{Ready} of {Left} layers of {Image} are stored before it is realised")]
        public static partial void Packed(ILogger logger, int ready, int left, string image);

        [LoggerMessage(1106, LogLevel.Information, "No layers of {Image} are packed before it is realised: {Problem}")]
        public static partial void Stopped(ILogger logger, string image, string problem);
    }
}

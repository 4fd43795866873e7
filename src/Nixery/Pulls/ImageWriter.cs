using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Packing;
using Nixery.Pulls.Keeping;

namespace Nixery.Pulls;

/// <summary>
/// Steps 6 to 9 of a pull: the outputs of a draft become stored layers. Where all outputs were in other images before, neither
/// Nix nor, if the layers are stored too, the Nix store is asked. Else layers are packed while Nix still realises others.
/// </summary>
internal sealed partial class ImageWriter(
    DraftRealiser realiser, OutputMemory memory, ImageLayers layers, ClosureLimit limit, StoreTreeReader store, ILogger<ImageWriter> logger)
{
    /// <param name="hold">Gets all that the image is made of.</param>
    public async Task<WriteOutcome> WriteAsync(ImageDraft draft, BlobHold hold, CancellationToken cancellationToken)
    {
        try
        {
            return await TryFromMemoryAsync(draft, hold, cancellationToken) ?? await WriteRealisedAsync(draft, hold, cancellationToken);
        }
        catch (UnpackableException e)
        {
            return new WriteOutcome.NotRealised(new RealisationOutcome.Failed(null, ImageContents.Unpackable(e)));
        }
        catch (IOException e) when (IsAboutTheStore(e))
        {
            // Nix has just said that all of it is there.
            return new WriteOutcome.NotRealised(new RealisationOutcome.Unavailable(
                $"the Nix store of this registry is damaged: {e.Message}; nix-store --verify --check-contents --repair mends it"));
        }
    }

    /// <summary>
    /// Null when something is not known. Nothing holds the store paths meanwhile, and nobody has asked Nix whether they are whole: what a
    /// failed build has left is known by its time, and a layer for which the store has not every byte any more is refused by
    /// <see cref="LayerWriter"/>. Then it is Nix's turn.
    /// </summary>
    private async Task<WriteOutcome?> TryFromMemoryAsync(ImageDraft draft, BlobHold hold, CancellationToken cancellationToken)
    {
        if (await memory.FindAsync(draft.Outputs, cancellationToken) is not { } content)
        {
            return null;
        }

        if (limit.FindExcess(content.Closure) is { } excess)
        {
            return new WriteOutcome.TooLarge(excess);
        }

        if (content.Closure.Nodes.FirstOrDefault(n => store.IsUnfinished(n.Path)) is { } unfinished)
        {
            Log.StoreLacks(logger, $"{unfinished.Path} is there and not registered");
            return null;
        }

        try
        {
            return OutcomeOf(await layers.TryWriteAsync(draft, content, hold, cancellationToken), ImageOrigin.Composed);
        }
        catch (IOException e) when (IsAboutTheStore(e))
        {
            Log.StoreLacks(logger, e.Message);
            return null;
        }
    }

    private async Task<WriteOutcome> WriteRealisedAsync(ImageDraft draft, BlobHold hold, CancellationToken cancellationToken)
    {
        if (await limit.FindForeseenExcessAsync(draft.Outputs, cancellationToken) is { } foreseen)
        {
            return new WriteOutcome.TooLarge(foreseen);
        }

        var outcome = await realiser.RealiseAsync(draft, cancellationToken);
        if (outcome is not ContentOutcome.Held held)
        {
            return new WriteOutcome.NotRealised(((ContentOutcome.NotRealised)outcome).Outcome);
        }

        await using (held.Realisation)
        {
            return limit.FindExcess(held.Content.Closure) is { } excess
                ? new WriteOutcome.TooLarge(excess)
                : OutcomeOf(await TryWriteHeldAsync(draft, held.Content, hold, cancellationToken), ImageOrigin.Built);
        }
    }

    private async Task<WrittenImage?> TryWriteHeldAsync(ImageDraft draft, ImageContent content, BlobHold hold, CancellationToken cancellationToken)
    {
        try
        {
            return await layers.TryWriteAsync(draft, content, hold, cancellationToken);
        }
        catch (IOException e) when (IsAboutTheStore(e))
        {
            // A layer is packed once for all who want it, and this one was begun by a pull that held nothing.
            Log.StoreLacks(logger, e.Message);
            return await layers.TryWriteAsync(draft, content, hold, cancellationToken);
        }
    }

    private static WriteOutcome OutcomeOf(WrittenImage? written, ImageOrigin origin) =>
        written is not null ? new WriteOutcome.Written(written, origin) : new WriteOutcome.NotRealised(new RealisationOutcome.Busy());

    private static bool IsAboutTheStore(IOException e) =>
        e is StoreObjectChangedException or FileNotFoundException or DirectoryNotFoundException;

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Information, "The Nix store has not all of an image any more, so it is realised again: {Problem}")]
        public static partial void StoreLacks(ILogger logger, string problem);
    }
}

/// <summary>How the writing of an image's layers ended.</summary>
internal abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <param name="Origin">Whether anything had to be realised for it.</param>
    public sealed record Written(WrittenImage Image, ImageOrigin Origin) : WriteOutcome;

    /// <summary>It is beyond the limit of this registry; nothing was written.</summary>
    public sealed record TooLarge(PullOutcome Outcome) : WriteOutcome;

    /// <summary>Why there is nothing to write.</summary>
    public sealed record NotRealised(RealisationOutcome Outcome) : WriteOutcome;
}

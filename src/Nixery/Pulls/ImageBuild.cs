using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Images;
using Nixery.Oci;
using Nixery.Pulls.Keeping;
using Nixery.Sight;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Makes an image that is not known yet:
/// 5 names to derivations, 6 derivations to store paths and 7 their closure, 8 and 9 its layers, 10 config and manifest.
/// 5 to 7 are answered from memory where all of it was in other images before; then no process is started.
/// Written in this order: blobs, config, manifests, and then only the record that says there is such an image.
/// </summary>
internal sealed partial class ImageBuild(
    NameEvaluation names, ImageWriter writer, ImageMemory images, BuildCache cache, BlobsInUse inUse, IBlobStore blobs, ILogger<ImageBuild> logger)
{
    private const int BuildNameLength = 12;

    /// <summary>Each time, something that it had taken from the storage was let go before its record was there.</summary>
    private const int MostAttempts = 3;

    /// <summary>What is built once at a time.</summary>
    public RecordKey KeyOf(ImageRequest request, PinnedSource source) => images.KeyOf(request, source);

    /// <summary>What the rules say against the names of an image; nothing is asked, and null where they say nothing.</summary>
    public PullOutcome? FindRefusal(ImageRequest request) => names.FindRefusal(request);

    /// <summary>The image, where it was made before and is stored in full.</summary>
    public Task<KnownImage?> FindAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        images.FindAsync(request, source, cancellationToken);

    /// <summary>Why an image that is stored may not be had any more: rules can be younger than images. Else null.</summary>
    public Task<PullOutcome?> FindRefusalOfStoredAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        names.IsNeededForStored ? names.FindObstacleAsync(request, source, cancellationToken) : Task.FromResult<PullOutcome?>(null);

    /// <summary>Why an image cannot be built, as far as the names tell; null when they can all be had.</summary>
    public Task<PullOutcome?> FindObstacleAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken) =>
        names.FindObstacleAsync(request, source, cancellationToken);

    public async Task<PullOutcome> RunAsync(RecordKey key, ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        // Who waits for the same build later finds it by the name that its lines have in the log, and its span in the traces.
        var id = key.Hex[..BuildNameLength];
        using var scope = Log.OfBuild(logger, id);
        using var span = Tracing.Begin("build")?.SetTag("nixery.build", id);
        // The build that made it may have ended between the first look and this run's turn.
        if (await images.FindAsync(request, source, cancellationToken) is { } known)
        {
            return new PullOutcome.Image(known.Stored, known.Origin);
        }

        if (await cache.FindFailureAsync(key, cancellationToken) is { } failure)
        {
            return new PullOutcome.BuildFailed(failure);
        }

        // 5
        var table = await images.ChooseTableAsync(request, source, cancellationToken);
        var drafted = await DraftAsync(request, source, table, cancellationToken);
        if (drafted is not DraftOutcome.Drafted { Draft: var draft })
        {
            return ((DraftOutcome.Ended)drafted).Outcome;
        }

        return await MakeAsync(key, draft, cancellationToken);
    }

    /// <summary>6 to 10.</summary>
    private async Task<PullOutcome> MakeAsync(RecordKey key, ImageDraft draft, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                using var hold = inUse.Begin();
                var outcome = await writer.WriteAsync(draft, hold, cancellationToken) switch
                {
                    WriteOutcome.Written written => await AssembleAsync(draft, written, cancellationToken),
                    WriteOutcome.TooLarge tooLarge => tooLarge.Outcome,
                    WriteOutcome.NotRealised { Outcome: RealisationOutcome.Failed failed } => await FailAsync(key, failed, cancellationToken),
                    WriteOutcome.NotRealised notRealised => EndOf(notRealised.Outcome),
                    _ => throw new UnreachableException(),
                };
                if (outcome is not null)
                {
                    return outcome;
                }

                Log.WentMeanwhile(logger, draft.Request.CanonicalName);
            }

            return new PullOutcome.NoRoom("the storage of this registry is so short of room that layers of this image were let go while it was put together; ask again in a while");
        }
        catch (StorageFullException e)
        {
            return new PullOutcome.NoRoom(e.Message);
        }
    }

    /// <summary>Step 5.</summary>
    public Task<DraftOutcome> DraftAsync(ImageRequest request, PinnedSource source, ChosenTable table, CancellationToken cancellationToken) =>
        names.DraftAsync(request, source, table, cancellationToken);

    /// <returns>Null when something of it has been let go meanwhile.</returns>
    private async Task<PullOutcome?> AssembleAsync(ImageDraft draft, WriteOutcome.Written outcome, CancellationToken cancellationToken)
    {
        // 10
        using var stage = Stage.Store();
        var written = outcome.Image;
        var image = ImageAssembler.Assemble(draft.Request.Platform, draft.ContractFor(written.Root), written.Layers, written.Compression);
        await StoreAsync(image.Config, cancellationToken);
        await StoreAsync(image.OciManifest, cancellationToken);
        if (image.DockerManifest is { } docker)
        {
            await StoreAsync(docker, cancellationToken);
        }

        var stored = new StoredImage(
            image.OciManifest.Descriptor,
            image.DockerManifest?.Descriptor,
            [
                new StoredBlob(image.Config.Descriptor.Digest, image.Config.Descriptor.Size),
                .. written.Layers.Select(l => new StoredBlob(l.Layer.Digest, l.Layer.SizeBytes)),
            ]);
        if (await images.RememberAsync(draft, stored, cancellationToken) is not { } answered)
        {
            return null;
        }

        Log.Built(
            logger, draft.Request.CanonicalName, draft.Request.Platform, written.Layers.Count, written.Layers.Sum(l => l.Layer.SizeBytes), written.Identity);
        return new PullOutcome.Image(answered, outcome.Origin);
    }

    private async Task<PullOutcome> FailAsync(RecordKey key, RealisationOutcome.Failed failed, CancellationToken cancellationToken)
    {
        // Where no derivation is named it may be anything, and is not held against the packages.
        if (failed.Derivation is not null)
        {
            await cache.RememberFailureAsync(key, failed.Explanation, cancellationToken);
        }

        return new PullOutcome.BuildFailed(failed.Explanation);
    }

    private async Task StoreAsync(Document document, CancellationToken cancellationToken)
    {
        await using var writer = await blobs.CreateAsync(cancellationToken);
        await writer.Content.WriteAsync(document.Content, cancellationToken);
        await writer.CommitAsync(cancellationToken);
    }

    /// <summary>How a pull ends whose packages were not realised.</summary>
    public static PullOutcome EndOf(RealisationOutcome outcome) => outcome switch
    {
        RealisationOutcome.Failed failed => new PullOutcome.BuildFailed(failed.Explanation),
        RealisationOutcome.Unavailable unavailable => new PullOutcome.Unavailable(unavailable.Explanation),
        // Evaluated anew and gone again: garbage is being collected this very moment.
        RealisationOutcome.DerivationGone gone => new PullOutcome.Unavailable(gone.Explanation),
        RealisationOutcome.NotInCaches missing => new PullOutcome.OverLimit(missing.Explanation),
        RealisationOutcome.Busy => new PullOutcome.Busy(),
        RealisationOutcome.TimedOut timedOut => new PullOutcome.BuildTimedOut(timedOut.Limit),
        _ => throw new UnreachableException(),
    };

    private static partial class Log
    {
        public static readonly Func<ILogger, string, IDisposable?> OfBuild = LoggerMessage.DefineScope<string>("build {BuildId}");

        [LoggerMessage(1101, LogLevel.Information, "Built {Image} for {Platform}: {Layers} layers, {SizeBytes} bytes, by {Packing}")]
        public static partial void Built(ILogger logger, string image, Platform platform, int layers, long sizeBytes, string packing);

        [LoggerMessage(1107, LogLevel.Information, "Something of {Image} was let go while it was put together, so it is done again")]
        public static partial void WentMeanwhile(ILogger logger, string image);
    }
}

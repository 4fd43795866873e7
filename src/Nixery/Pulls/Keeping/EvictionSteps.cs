using Nixery.Oci;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Lets go of what was chosen, in this order and with a wait after each, so that nobody has a manifest whose layers are gone: 1 the
/// image's record says so, and it is not answered by its tag; 2 its manifests; 3 layers and configuration, as far as no other image names
/// them. What a run that broke off has left, the next one finds by the records of 1.
/// </summary>
internal sealed class EvictionSteps(StorageLook look, Sweep sweep, KeepingOptions options, TimeProvider time)
{
    /// <summary>Servers believe what they have read for a second.</summary>
    private static readonly TimeSpan Forgotten = BuildCache.BelieveFor * 2;

    /// <summary>The longest that a client takes from the digest that a tag means to the manifest of that digest.</summary>
    private static readonly TimeSpan LongestHop = TimeSpan.FromSeconds(30);

    public async Task RunAsync(EvictionPlan plan, CancellationToken cancellationToken)
    {
        var strays = plan.Strays.SelectMany(s => s.Value.Append(s.Key)).ToHashSet();
        var orphans = plan.Orphans.Select(o => o.Digest).ToLookup(strays.Contains);
        await SweepAsync([.. orphans[false]], cancellationToken);
        await LetGoImagesAsync(plan, cancellationToken);
        // Last, because of its wait: a build may be waiting for the room of the others.
        await LetGoStraysAsync(plan, [.. orphans[true]], cancellationToken);
    }

    private async Task LetGoImagesAsync(EvictionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Victims.Count == 0)
        {
            return;
        }

        // 1
        await Parallel.ForEachAsync(plan.Victims, StorageLook.SomeAtOnce(cancellationToken), async (victim, token) => await MarkAsync(victim.Image, token));

        // Nobody has pulled them for so long that nobody can be at it; those that somebody may be at take longer.
        var others = await look.FindOthersAsync(cancellationToken);
        var byCold = plan.Victims.Select(v => v.Image).ToLookup(i => IsCold(i, others));
        var warm = await LetGoColdAsync([.. byCold[true]], [.. byCold[false]], cancellationToken);
        warm.AddRange(byCold[false]);
        if (warm.Count > 0)
        {
            await Task.Delay(Forgotten + Min(options.Grace, LongestHop), time, cancellationToken);
            // 2
            await SweepAsync(ManifestsOf(warm), cancellationToken);
            await Task.Delay(Forgotten + options.Grace, time, cancellationToken);
            // 3
            await SweepBlobsAsync(warm, [], cancellationToken);
        }
    }

    /// <summary>Manifests first, as with images.</summary>
    private async Task LetGoStraysAsync(EvictionPlan plan, IReadOnlyList<Digest> orphans, CancellationToken cancellationToken)
    {
        if (orphans.Count > 0)
        {
            await SweepAsync([.. orphans.Where(plan.Strays.ContainsKey)], cancellationToken);
            await Task.Delay(Forgotten + options.Grace, time, cancellationToken);
            await SweepAsync([.. orphans.Where(o => !plan.Strays.ContainsKey(o))], cancellationToken);
        }
    }

    private Task SweepAsync(IReadOnlyCollection<Digest> unwanted, CancellationToken cancellationToken) =>
        sweep.RunAsync(unwanted, time.GetUtcNow() - options.Grace, cancellationToken);

    /// <param name="waiting">Images whose turn comes later.</param>
    private async Task SweepBlobsAsync(IReadOnlyCollection<ImageInStore> images, IEnumerable<ImageInStore> waiting, CancellationToken cancellationToken)
    {
        // A manifest that is there still was made again meanwhile; what becomes of it is for its build, or for the next run.
        var still = await look.WithManifestAsync(images, cancellationToken);
        var needed = still.Concat(waiting).SelectMany(i => i.Digests).ToHashSet();
        await SweepAsync([.. BlobsOf(images).Where(d => !needed.Contains(d))], cancellationToken);
    }

    /// <returns>Those that somebody has asked for meanwhile, here or, by their notes, on another server.</returns>
    private async Task<List<ImageInStore>> LetGoColdAsync(IReadOnlyList<ImageInStore> cold, IReadOnlyList<ImageInStore> others, CancellationToken cancellationToken)
    {
        if (cold.Count == 0)
        {
            return [];
        }

        await Task.Delay(Forgotten, time, cancellationToken);
        // 2
        await SweepAsync(ManifestsOf(cold), cancellationToken);
        await Task.Delay(Forgotten, time, cancellationToken);
        var answered = await look.FindOthersAsync(cancellationToken);
        var now = await look.WithUsesAsync(cold, cancellationToken);
        var warm = now.Where(i => !IsCold(i, answered)).ToList();

        // 3
        await SweepBlobsAsync(cold, warm.Concat(others), cancellationToken);
        return warm;
    }

    /// <summary>
    /// Whether nobody can have got it within the grace. What this server has answered it knows; notes of others are of whole days, unless
    /// they answered nothing at all for as long.
    /// </summary>
    private bool IsCold(ImageInStore image, DateTimeOffset? others)
    {
        var since = time.GetUtcNow() - options.Grace;
        return image.LastMoment < since && (image.LastUse < ImageUses.DayOf(since) || others is null || others < since - (ImageUses.SignEvery * 2));
    }

    private async Task MarkAsync(ImageInStore image, CancellationToken cancellationToken)
    {
        var now = await look.WithUsesAsync(image, cancellationToken);
        var isUsed = now.LastMoment > image.LastMoment || now.LastUse > image.LastUse;
        // One that somebody has got since stays: what a record names is not deleted.
        if (!image.Image.IsGone && !isUsed)
        {
            await look.MarkAsync(image, cancellationToken);
        }
    }

    private static Digest[] ManifestsOf(IEnumerable<ImageInStore> images) => [.. images.SelectMany(i => i.Manifests).Distinct()];

    private static Digest[] BlobsOf(IEnumerable<ImageInStore> images) => [.. images.SelectMany(i => i.Digests).Distinct()];

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

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
        await LetGoOrphansAsync(plan, cancellationToken);
        if (plan.Victims.Count == 0)
        {
            return;
        }

        // 1
        foreach (var victim in plan.Victims)
        {
            await MarkAsync(victim.Image, cancellationToken);
        }

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

    /// <summary>Manifests among them first, as with images.</summary>
    private async Task LetGoOrphansAsync(EvictionPlan plan, CancellationToken cancellationToken)
    {
        var byStray = plan.Orphans.ToLookup(o => plan.Strays.Contains(o.Digest), o => o.Digest);
        if (byStray[true].Any())
        {
            await SweepAsync([.. byStray[true]], cancellationToken);
            await Task.Delay(Forgotten + options.Grace, time, cancellationToken);
        }

        await SweepAsync([.. byStray[false]], cancellationToken);
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
        var warm = new List<ImageInStore>();
        if (cold.Count == 0)
        {
            return warm;
        }

        await Task.Delay(Forgotten, time, cancellationToken);
        // 2
        await SweepAsync(ManifestsOf(cold), cancellationToken);
        await Task.Delay(Forgotten, time, cancellationToken);
        var answered = await look.FindOthersAsync(cancellationToken);
        foreach (var image in cold)
        {
            var now = await look.WithUsesAsync(image, cancellationToken);
            if (!IsCold(now, answered))
            {
                warm.Add(now);
            }
        }

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

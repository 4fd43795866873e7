using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nixery.Oci;
using Nixery.Storage;
using Nixery.Storage.Buckets;

namespace Nixery.Pulls.Keeping;

/// <summary>Something that goes.</summary>
/// <param name="Why">As the rest of a sentence.</param>
public sealed record Going(string Name, string Why, long Bytes);

/// <summary>What a run lets go, or would.</summary>
/// <param name="Things">Images and blobs in their order, then records.</param>
/// <param name="UsedBytes">Of all that is stored, before.</param>
/// <param name="FreedBytes">Of that.</param>
/// <param name="Shortage">Why that is not enough; null when it is.</param>
/// <param name="IsElsewhere">Another server is at it, and nothing was looked at.</param>
public sealed record EvictionReport(IReadOnlyList<Going> Things, long UsedBytes, long FreedBytes, string? Shortage, bool IsElsewhere)
{
    internal static readonly EvictionReport Elsewhere = new([], 0, 0, null, IsElsewhere: true);
}

/// <summary>
/// Keeps the storage within its limits while images are pulled and built, one server at a time. Of what goes, in this order and with a
/// wait after each, so that nobody has a manifest whose layers are gone: 1 the image's record says so, and it is not answered by its tag;
/// 2 its manifests; 3 layers and configuration, as far as no other image names them. What a run that broke off has left, the next one
/// finds by the records of 1.
/// </summary>
public sealed partial class Eviction
{
    /// <summary>Servers believe what they have read for a second.</summary>
    private static readonly TimeSpan Forgotten = BuildCache.BelieveFor * 2;

    /// <summary>The longest that a client takes from the digest that a tag means to the manifest of that digest.</summary>
    private static readonly TimeSpan LongestHop = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan UploadAge = TimeSpan.FromDays(1);

    private readonly Warehouse _warehouse;
    private readonly StorageLook _look;
    private readonly EvictionPlanner _planner;
    private readonly Sweep _sweep;
    private readonly OldRecords _old;
    private readonly KeepingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Eviction> _logger;

    internal Eviction(
        Warehouse warehouse, StorageLook look, Sweep sweep, OldRecords old, KeepingOptions options, TimeProvider time, ILogger<Eviction> logger)
    {
        _warehouse = warehouse;
        _look = look;
        _planner = new EvictionPlanner(options);
        _sweep = sweep;
        _old = old;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>What a run would let go now; nothing is written.</summary>
    public async Task<EvictionReport> PlanAsync(CancellationToken cancellationToken)
    {
        var state = await _look.ReadAsync(cancellationToken);
        var old = await _old.FindAsync(state, _time.GetUtcNow(), cancellationToken);
        return ReportOf(_planner.Make(state, 0, _time.GetUtcNow()), old);
    }

    /// <param name="wantedBytes">For which there is to be room.</param>
    public async Task<EvictionReport> RunAsync(long wantedBytes, CancellationToken cancellationToken)
    {
        await using var lease = await _warehouse.Leases.TryTakeAsync(RecordKey.Of("lease", "eviction"), cancellationToken);
        if (lease is null)
        {
            return EvictionReport.Elsewhere;
        }

        await AbandonUploadsAsync(cancellationToken);
        var state = await _look.ReadAsync(cancellationToken);
        var plan = _planner.Make(state, wantedBytes, _time.GetUtcNow());
        var old = await _old.FindAsync(state, _time.GetUtcNow(), cancellationToken);
        await _old.DeleteAsync(old, cancellationToken);
        await LetGoAsync(plan, cancellationToken);
        await _sweep.TidyLayersAsync(cancellationToken);
        var report = ReportOf(plan, old);
        if (report.Things.Count > 0)
        {
            Log.Ended(_logger, plan.Victims.Count, plan.Orphans.Count, plan.FreedBytes, plan.UsedBytes);
        }

        return report;
    }

    private async Task AbandonUploadsAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_warehouse.Blobs is IUnfinishedUploads uploads)
            {
                await uploads.AbandonAsync(_time.GetUtcNow() - UploadAge, cancellationToken);
            }
        }
        catch (BucketRefusedException e)
        {
            // A right of its own, which nothing else needs; a rule of the bucket's may do it.
            Log.UploadsStay(_logger, e.Message);
        }
    }

    private async Task LetGoAsync(EvictionPlan plan, CancellationToken cancellationToken)
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
        var others = await _look.FindOthersAsync(cancellationToken);
        var byCold = plan.Victims.Select(v => v.Image).ToLookup(i => IsCold(i, others));
        var warm = await LetGoColdAsync([.. byCold[true]], [.. byCold[false]], cancellationToken);
        warm.AddRange(byCold[false]);
        if (warm.Count > 0)
        {
            await Task.Delay(Forgotten + Min(_options.Grace, LongestHop), _time, cancellationToken);
            // 2
            await SweepAsync(ManifestsOf(warm), cancellationToken);
            await Task.Delay(Forgotten + _options.Grace, _time, cancellationToken);
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
            await Task.Delay(Forgotten + _options.Grace, _time, cancellationToken);
        }

        await SweepAsync([.. byStray[false]], cancellationToken);
    }

    private Task SweepAsync(IReadOnlyCollection<Digest> unwanted, CancellationToken cancellationToken) =>
        _sweep.RunAsync(unwanted, _time.GetUtcNow() - _options.Grace, cancellationToken);

    /// <param name="waiting">Images whose turn comes later.</param>
    private async Task SweepBlobsAsync(IReadOnlyCollection<ImageInStore> images, IEnumerable<ImageInStore> waiting, CancellationToken cancellationToken)
    {
        // A manifest that is there still was made again meanwhile; what becomes of it is for its build, or for the next run.
        var still = await _look.WithManifestAsync(images, cancellationToken);
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

        await Task.Delay(Forgotten, _time, cancellationToken);
        // 2
        await SweepAsync(ManifestsOf(cold), cancellationToken);
        await Task.Delay(Forgotten, _time, cancellationToken);
        var answered = await _look.FindOthersAsync(cancellationToken);
        foreach (var image in cold)
        {
            var now = await _look.WithUsesAsync(image, cancellationToken);
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
        var since = _time.GetUtcNow() - _options.Grace;
        return image.LastMoment < since && (image.LastUse < ImageUses.DayOf(since) || others is null || others < since - (ImageUses.SignEvery * 2));
    }

    private async Task MarkAsync(ImageInStore image, CancellationToken cancellationToken)
    {
        var now = await _look.WithUsesAsync(image, cancellationToken);
        var isUsed = now.LastMoment > image.LastMoment || now.LastUse > image.LastUse;
        // One that somebody has got since stays: what a record names is not deleted.
        if (!image.Image.IsGone && !isUsed)
        {
            var gone = JsonSerializer.SerializeToUtf8Bytes(image.Image with { IsGone = true }, BuildRecordJson.Default.StoredImage);
            await _warehouse.Records.PutAsync(image.Key, gone, cancellationToken);
        }
    }

    private static Digest[] ManifestsOf(IEnumerable<ImageInStore> images) => [.. images.SelectMany(i => i.Manifests).Distinct()];

    private static Digest[] BlobsOf(IEnumerable<ImageInStore> images) => [.. images.SelectMany(i => i.Digests).Distinct()];

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static EvictionReport ReportOf(EvictionPlan plan, IReadOnlyList<ListedRecord> old)
    {
        var images = plan.Victims.Select(v => new Going($"image {v.Image.Name}", v.Why, v.FreedBytes));
        var orphans = plan.Orphans.Select(o => new Going($"blob {o.Digest}", "is of no image", o.SizeBytes));
        var records = old.GroupBy(r => r.Key.Kind, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Going($"{g.Count()} {g.Key} records", "are old, and nothing needs them", g.Sum(r => r.SizeBytes)));
        return new EvictionReport([.. images, .. orphans, .. records], plan.UsedBytes, plan.FreedBytes + old.Sum(r => r.SizeBytes), plan.Shortage, IsElsewhere: false);
    }

    private static partial class Log
    {
        [LoggerMessage(1202, LogLevel.Information, "Let go of {Images} images and {Orphans} blobs of none: {FreedBytes} of {UsedBytes} bytes")]
        public static partial void Ended(ILogger logger, int images, int orphans, long freedBytes, long usedBytes);

        [LoggerMessage(1204, LogLevel.Information, "Uploads that killed servers left in the bucket stay there: {Problem}")]
        public static partial void UploadsStay(ILogger logger, string problem);
    }
}

using Microsoft.Extensions.Logging;
using Nixery.Sight;
using Nixery.Storage;
using Nixery.Storage.Buckets;

namespace Nixery.Pulls.Keeping;

/// <summary>Keeps the storage within its limits while images are pulled and built, one server at a time.</summary>
public sealed partial class Eviction
{
    private static readonly TimeSpan UploadAge = TimeSpan.FromDays(1);

    private readonly Warehouse _warehouse;
    private readonly StorageLook _look;
    private readonly EvictionPlanner _planner;
    private readonly EvictionSteps _steps;
    private readonly Sweep _sweep;
    private readonly OldRecords _old;
    private readonly TimeProvider _time;
    private readonly ILogger<Eviction> _logger;

    internal Eviction(
        Warehouse warehouse, StorageLook look, Sweep sweep, OldRecords old, KeepingOptions options, TimeProvider time, ILogger<Eviction> logger)
    {
        _warehouse = warehouse;
        _look = look;
        _planner = new EvictionPlanner(options);
        _steps = new EvictionSteps(look, sweep, options, time);
        _sweep = sweep;
        _old = old;
        _time = time;
        _logger = logger;
    }

    /// <summary>What a run would let go now; nothing is written.</summary>
    public async Task<EvictionReport> PlanAsync(CancellationToken cancellationToken)
    {
        var state = await _look.ReadAsync(cancellationToken);
        var old = await _old.FindAsync(state, _time.GetUtcNow(), cancellationToken);
        return EvictionReport.Of(_planner.Make(state, 0, _time.GetUtcNow()), old);
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
        await _steps.RunAsync(plan, cancellationToken);
        await _sweep.TidyLayersAsync(cancellationToken);
        Figures.CountEviction(_time.GetUtcNow(), plan.Victims.Count, plan.FreedBlobs, plan.FreedBytes, plan.Shortage is null);
        var report = EvictionReport.Of(plan, old);
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

    private static partial class Log
    {
        [LoggerMessage(1132, LogLevel.Information, "Let go of {Images} images and {Orphans} blobs of none: {FreedBytes} of {UsedBytes} bytes")]
        public static partial void Ended(ILogger logger, int images, int orphans, long freedBytes, long usedBytes);

        [LoggerMessage(1134, LogLevel.Information, "Uploads that killed servers left in the bucket stay there: {Problem}")]
        public static partial void UploadsStay(ILogger logger, string problem);
    }
}

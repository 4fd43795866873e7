using Nixery.Storage;

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

    internal static EvictionReport Of(EvictionPlan plan, IReadOnlyList<ListedRecord> old)
    {
        var images = plan.Victims.Select(v => new Going($"image {v.Image.Name}", v.Why, v.FreedBytes));
        var orphans = plan.Orphans.Select(o => new Going($"blob {o.Digest}", "is of no image", o.SizeBytes));
        var records = old.GroupBy(r => r.Key.Kind, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Going($"{g.Count()} {g.Key} records", "are old, and nothing needs them", g.Sum(r => r.SizeBytes)));
        return new EvictionReport([.. images, .. orphans, .. records], plan.UsedBytes, plan.FreedBytes + old.Sum(r => r.SizeBytes), plan.Shortage, IsElsewhere: false);
    }
}

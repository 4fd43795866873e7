using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

/// <summary>What must hold of every choice of what goes, over generated storages.</summary>
public sealed class EvictionPlannerLaws
{
    private const int Kinds = 12;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly KeepingOptions Options = new(3000, TimeSpan.FromDays(30), TimeSpan.FromMinutes(10), ["image-1"]);

    [Fact]
    public void What_stays_keeps_all_that_it_names() => Law((state, plan) =>
    {
        var gone = Removed(state, plan);
        return Staying(state, plan).All(i => !i.Digests.Any(gone.Contains));
    });

    [Fact]
    public void What_is_freed_is_what_goes_to_the_byte() => Law((state, plan) =>
        plan.FreedBytes == Removed(state, plan).Sum(d => state.Blobs[d].SizeBytes));

    [Fact]
    public void It_goes_on_until_there_is_room_or_nothing_more_may_go() => Law((state, plan) =>
        !Options.IsFull(state.UsedBytes)
        || plan.UsedBytes - plan.FreedBytes <= Options.TargetBytes(0)
        || Staying(state, plan).All(i => MustStay(i, state)));

    [Fact]
    public void Nobody_goes_for_want_of_room_before_one_who_was_used_less_lately() => Law((state, plan) =>
    {
        var latest = plan.Victims.Where(v => v.Why.Contains("limit", StringComparison.Ordinal)).Select(v => v.Image.LastUse).DefaultIfEmpty().Max();
        return Staying(state, plan).Where(i => !MustStay(i, state)).All(i => i.LastUse >= latest);
    });

    [Fact]
    public void What_must_stay_stays() => Law((state, plan) => plan.Victims.All(v => v.Image.Image.IsGone || !MustStay(v.Image, state)));

    [Fact]
    public void Too_little_is_said_to_be_too_little() => Law((state, plan) =>
        (plan.Shortage is null) == (plan.UsedBytes - plan.FreedBytes <= Options.MaxBytes));

    private static bool MustStay(ImageInStore image, StorageState state) =>
        Now - image.LastMoment <= Options.Grace || new KeptNames(Options.Keep).Among(state.Images.Where(i => !i.Image.IsGone)).Contains(image);

    private static IEnumerable<ImageInStore> Staying(StorageState state, EvictionPlan plan) =>
        state.Images.Where(i => !i.Image.IsGone).Except(plan.Victims.Select(v => v.Image));

    /// <summary>By counting anew.</summary>
    private static HashSet<Digest> Removed(StorageState state, EvictionPlan plan)
    {
        var named = Staying(state, plan).SelectMany(i => i.Digests).ToHashSet();
        return [.. plan.Victims.SelectMany(v => v.Image.Digests).Concat(plan.Orphans.Select(o => o.Digest))
            .Where(d => !named.Contains(d) && state.Blobs.TryGetValue(d, out var blob) && Now - blob.Written > Options.Grace && !state.InUse.Contains(d))];
    }

    private static void Law(Func<StorageState, EvictionPlan, bool> holds)
    {
        var states =
            from count in Gen.Choose(0, 12)
            from images in Gen.ArrayOf(Images, count)
            from lost in Gen.ArrayOf(Gen.Choose(0, 30), Kinds)
            from ages in Gen.ArrayOf(Gen.Choose(0, 3), Kinds)
            select StateOf(images, lost, ages);
        Prop.ForAll(states.ToArbitrary(), state => holds(state, new EvictionPlanner(Options).Make(state, 0, Now))).QuickCheckThrowOnFailure();
    }

    private static Gen<(int[] Layers, int UsedDays, int MadeMinutes, int AnsweredMinutes, bool IsGone)> Images =>
        from layers in Gen.Choose(0, 4).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, Kinds - 1), n))
        from used in Gen.Choose(0, 40)
        from made in Gen.Elements(5, 15, 1000, 100_000)
        from answered in Gen.Elements(5, 15, 1000)
        from gone in Gen.Elements(false, false, false, true)
        select (layers, used, made, answered, gone);

    private static StorageState StateOf(
        (int[] Layers, int UsedDays, int MadeMinutes, int AnsweredMinutes, bool IsGone)[] images, int[] lost, int[] ages)
    {
        var inStore = images.Select((image, i) => new ImageInStore(
            RecordKey.Of("image", i.ToString(CultureInfo.InvariantCulture)),
            new StoredImage(new Descriptor("oci", Named($"manifest {i}"), 10), null, [.. image.Layers.Select(l => new StoredBlob(Named($"layer {l}"), 500))])
            {
                IsGone = image.IsGone,
                Label = new ImageLabel($"image-{i % 3}", $"{i}", ""),
            },
            Now.AddMinutes(-image.MadeMinutes),
            ImageUses.DayOf(Now).AddDays(-image.UsedDays),
            image.UsedDays == 0 ? Now.AddMinutes(-image.AnsweredMinutes) : null)).ToList();
        var layers = Enumerable.Range(0, Kinds).Where(l => lost[l] > 0).Select(l => new ListedBlob(Named($"layer {l}"), 500, Now.AddMinutes(-ages[l] * 45)));
        var manifests = inStore.Select(i => new ListedBlob(i.Image.Oci.Digest, 10, i.Written));
        return new StorageState(inStore, layers.Concat(manifests).ToDictionary(b => b.Digest), Strays, [Named("layer 0")], 100);
    }

    /// <summary>None: a build that was killed between manifest and record is looked at for itself.</summary>
    private static Dictionary<Digest, IReadOnlyList<Digest>> Strays => [];

    private static Digest Named(string name) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(name));
}

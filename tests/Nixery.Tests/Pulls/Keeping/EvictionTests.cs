using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class EvictionTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly KeepingOptions ThirtyDays = KeptStorage.Limit(0) with { MaxAge = TimeSpan.FromDays(30) };

    private readonly KeptStorage _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_nobody_has_pulled_for_longer_than_the_age_goes_with_its_layers_and_what_others_have_of_them_stays()
    {
        var old = await _storage.MakeAsync("old", "common", "of old");
        var used = await _storage.MakeAsync("used", "common", "of used");
        await _storage.UseAsync(old, daysAgo: 31);
        await _storage.UseAsync(used, daysAgo: 30);

        var report = await _storage.Keeper(ThirtyDays).RunAsync(0, CancellationToken.None);

        report.Things.Select(t => t.Name).Should().Equal("image old:r1");
        (await _storage.IsThereAsync(used)).Should().BeTrue();
        (await StoredAsync(old)).Should().Equal(false, true, false, false);
        (await _storage.Steps.FindAsync(RecordKey.Of("layer", "of old"), CancellationToken.None)).Should().BeNull();
        (await _storage.Steps.FindAsync(RecordKey.Of("layer", "common"), CancellationToken.None)).Should().NotBeNull();
        (await new StorageCheck(_storage.Warehouse).RunAsync(CancellationToken.None)).Findings.Should().BeEmpty();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_this_server_has_answered_and_could_not_write_down_is_no_older_for_it()
    {
        var image = await _storage.MakeAsync("a", "of a");
        _storage.Time.Skip(TimeSpan.FromDays(40));
        _storage.Uses.Note(image.Oci.Digest);
        _storage.Time.Skip(TimeSpan.FromDays(1));

        var report = await _storage.Keeper(ThirtyDays).RunAsync(0, CancellationToken.None);

        report.Things.Should().BeEmpty();
        (await _storage.IsThereAsync(image)).Should().BeTrue();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Images_make_room_before_the_wait_for_the_manifest_of_a_build_that_was_killed()
    {
        var images = await ThreeAsync();
        var layer = await _storage.PutAsync("a layer of it");
        var manifest = await _storage.PutAsync($$"""{"config":{"digest":"{{layer.Digest}}"},"layers":[{"digest":"{{layer.Digest}}"}]}""");
        _storage.Time.Skip(TimeSpan.FromHours(2));
        bool? wasFirst = null;
        _storage.Steps.AfterStep = async what =>
        {
            if (what == "delete blob" && await _storage.Steps.FindSizeAsync(manifest.Digest, CancellationToken.None) is null)
            {
                wasFirst ??= await _storage.IsThereAsync(images[0]);
            }
        };

        await _storage.Keeper(KeptStorage.Limit((long)(await _storage.UsedBytesAsync() * 0.9))).RunAsync(0, CancellationToken.None);

        wasFirst.Should().BeFalse();
        (await AreThereAsync(images)).Should().Equal(false, true, true);
        (await _storage.Steps.FindSizeAsync(layer.Digest, CancellationToken.None)).Should().BeNull();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Above_the_limit_those_go_that_were_used_least_lately_until_there_is_room()
    {
        var images = await ThreeAsync();
        var used = await _storage.UsedBytesAsync();

        var report = await _storage.Keeper(KeptStorage.Limit(used)).RunAsync(0, CancellationToken.None);

        report.Shortage.Should().BeNull();
        (await AreThereAsync(images)).Should().Equal(false, true, true);
        (await _storage.UsedBytesAsync()).Should().BeLessThan((long)(used * 0.80));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_name_that_is_kept_stays_whoever_was_used_less_lately()
    {
        var images = await ThreeAsync();

        await _storage.Keeper(KeptStorage.Limit(await _storage.UsedBytesAsync(), "a")).RunAsync(0, CancellationToken.None);

        (await AreThereAsync(images)).Should().Equal(true, false, true);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_was_answered_within_the_grace_stays_and_it_is_said_that_there_is_no_room()
    {
        var images = await ThreeAsync();
        foreach (var image in images)
        {
            _storage.Uses.Note(image.Oci.Digest);
        }

        var report = await _storage.Keeper(KeptStorage.Limit(await _storage.UsedBytesAsync() / 2)).RunAsync(0, CancellationToken.None);

        report.Things.Should().BeEmpty();
        report.Shortage.Should().Contain("600 s");
        (await AreThereAsync(images)).Should().Equal(true, true, true);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_dry_run_says_the_same_and_writes_nothing()
    {
        await ThreeAsync();
        await _storage.PutAsync("of nobody");
        var keeper = _storage.Keeper(KeptStorage.Limit(await _storage.UsedBytesAsync()));
        var before = _storage.Files();

        var planned = await keeper.PlanAsync(CancellationToken.None);

        _storage.Files().Should().BeEquivalentTo(before);
        planned.Things.Should().HaveCountGreaterThan(1);
        (await keeper.RunAsync(0, CancellationToken.None)).Things.Should().Equal(planned.Things);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Killed_before_any_change_it_leaves_no_manifest_without_its_layers_and_the_next_run_ends_the_work()
    {
        var steps = await CountStepsAsync();
        steps.Should().BeGreaterThan(15, "or else this tests nothing");
        for (var kill = 1; kill <= steps; kill++)
        {
            using var storage = new KeptStorage();
            var (images, limit) = await PrepareAsync(storage);
            storage.Steps.AfterStep = async what => (await storage.FindBrokenAsync()).Should().BeEmpty("{0} was the last change", what);
            storage.Steps.Restart();
            storage.Steps.KillAt = kill;
            await FluentActions.Awaiting(() => storage.Keeper(limit).RunAsync(0, CancellationToken.None)).Should().ThrowAsync<KilledException>();

            storage.Steps.Restart();
            await storage.Keeper(limit).RunAsync(0, CancellationToken.None);

            (await storage.FindBrokenAsync()).Should().BeEmpty();
            (await storage.IsThereAsync(images[^1])).Should().BeTrue();
            (await storage.UsedBytesAsync()).Should().BeLessThan(limit.MaxBytes);
            (await new StorageCheck(storage.Warehouse).RunAsync(CancellationToken.None)).Findings.Should().BeEmpty($"killed before change {kill}");
            var left = await storage.Look().ReadAsync(CancellationToken.None);
            left.Images.Where(i => i.Image.IsGone).SelectMany(i => i.Manifests).Should().NotContain(m => left.Blobs.ContainsKey(m));
        }
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [MemberData(nameof(Moments))]
    public async Task An_image_that_another_server_makes_again_meanwhile_is_whole_in_the_end(int moment)
    {
        var (images, limit) = await PrepareAsync(_storage);
        Task? made = null;
        _storage.Steps.Restart();
        var step = 0;
        _storage.Steps.AfterStep = async _ =>
        {
            // Nobody makes an image again before its record says that it is gone.
            if (await _storage.IsGoneAsync("a") && Interlocked.Increment(ref step) == moment)
            {
                // Beside the run, which does not wait for it: it may have to wait for the run.
                made = Task.Run(() => MakeAgainAsync("a", images[0]));
            }
        };

        await _storage.Keeper(limit).RunAsync(0, CancellationToken.None);
        await made!;

        (await _storage.IsThereAsync(images[0])).Should().BeTrue();
        (await _storage.FindBrokenAsync()).Should().BeEmpty();
        (await new StorageCheck(_storage.Warehouse).RunAsync(CancellationToken.None)).Findings.Should().BeEmpty();
    }

    public static TheoryData<int> Moments() => [.. Enumerable.Range(1, 15)];

    /// <summary>As a build does: takes what it finds, puts what it misses, writes its record, and does it again when something went.</summary>
    private async Task MakeAgainAsync(string name, StoredImage image)
    {
        using var cache = _storage.Cache();
        do
        {
            await _storage.MakeAsync(name, "common", $"of {name}");
        }
        while (!await cache.RememberImageAsync(KeptStorage.KeyOf(name), image, CancellationToken.None));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Only_one_server_at_a_time_does_it()
    {
        await ThreeAsync();
        var limit = KeptStorage.Limit(await _storage.UsedBytesAsync());
        var keeper = _storage.Keeper(limit);
        EvictionReport? other = null;
        _storage.Steps.AfterStep = async _ => other ??= await _storage.Keeper(limit).RunAsync(0, CancellationToken.None);

        var report = await keeper.RunAsync(0, CancellationToken.None);

        report.IsElsewhere.Should().BeFalse();
        other!.IsElsewhere.Should().BeTrue();
        (await keeper.RunAsync(0, CancellationToken.None)).IsElsewhere.Should().BeFalse();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Records_that_nothing_needs_go_by_their_age_and_those_of_images_that_are_there_stay()
    {
        var image = await _storage.MakeAsync("a", "of a");
        await _storage.UseAsync(image, daysAgo: 1);
        RecordKey[] old = [RecordKey.Of("failure", "x"), RecordKey.Of("package", "x"), RecordKey.Of("image-table", "gone"), ImageUses.KeyOf(image.Blobs[0].Digest)];
        RecordKey[] stay = [RecordKey.Of("image-table", "a"), RecordKey.Of("table", "x"), RecordKey.Of("pin", "x"), ImageUses.KeyOf(image.Oci.Digest)];
        foreach (var key in old.Concat(stay))
        {
            await _storage.Steps.PutAsync(key, "{}"u8.ToArray(), CancellationToken.None);
        }

        _storage.Time.Skip(TimeSpan.FromDays(400));
        var report = await _storage.Keeper(KeptStorage.Limit(0)).RunAsync(0, CancellationToken.None);

        foreach (var key in old)
        {
            (await _storage.Steps.FindAsync(key, CancellationToken.None)).Should().BeNull(key.Kind);
        }

        foreach (var key in stay)
        {
            (await _storage.Steps.FindAsync(key, CancellationToken.None)).Should().NotBeNull(key.Kind);
        }

        report.Things.Select(t => t.Name).Should().Equal("1 failure records", "1 image-table records", "1 package records", "1 use records");
        (await _storage.IsThereAsync(image)).Should().BeTrue();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Of_a_build_that_was_killed_before_its_record_the_manifest_goes_before_its_layers()
    {
        var layer = await _storage.PutAsync("a layer of it");
        var manifest = await _storage.PutAsync($$"""{"config":{"digest":"{{layer.Digest}}"},"layers":[{"digest":"{{layer.Digest}}"}]}""");
        var order = new List<bool>();
        _storage.Steps.AfterStep = async what =>
        {
            if (what == "delete blob")
            {
                order.Add(await _storage.Steps.FindSizeAsync(manifest.Digest, CancellationToken.None) is null);
            }
        };

        await _storage.Keeper(KeptStorage.Limit(0)).RunAsync(0, CancellationToken.None);

        order.Should().Equal(true, true);
        (await _storage.UsedBytesAsync()).Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Layers_that_a_build_has_taken_stay_though_their_image_goes()
    {
        var images = await ThreeAsync();
        using var hold = _storage.InUse.Begin();
        hold.Add(images[0].Blobs[2].Digest);

        var report = await _storage.Keeper(KeptStorage.Limit(await _storage.UsedBytesAsync())).RunAsync(0, CancellationToken.None);

        report.Things.Should().NotBeEmpty();
        (await StoredAsync(images[0])).Should().Equal(false, true, true, false);
        hold.Dispose();
        await _storage.Keeper(KeptStorage.Limit(0)).RunAsync(0, CancellationToken.None);
        (await StoredAsync(images[0])).Should().Equal(false, true, false, false);
    }

    [Fact]
    public void All_kinds_of_records_that_can_be_checked_are_known() =>
        RecordKinds.All.Should().Contain(StorageCheck.KindNames);

    private async Task<StoredImage[]> ThreeAsync()
    {
        StoredImage[] images =
        [
            await _storage.MakeAsync("a", "common", "of a"), await _storage.MakeAsync("b", "common", "of b"), await _storage.MakeAsync("c", "common", "of c"),
        ];
        for (var i = 0; i < images.Length; i++)
        {
            await _storage.UseAsync(images[i], daysAgo: 20 - i);
        }

        return images;
    }

    private static async Task<(StoredImage[] Images, KeepingOptions Limit)> PrepareAsync(KeptStorage storage)
    {
        StoredImage[] images = [await storage.MakeAsync("a", "common", "of a"), await storage.MakeAsync("b", "common", "of b"), await storage.MakeAsync("c", "common", "of c")];
        await storage.UseAsync(images[0], daysAgo: 20);
        // Of this one it is not known whether somebody is at it.
        await storage.UseAsync(images[1], daysAgo: 0);
        await storage.UseAsync(images[2], daysAgo: 0);
        await storage.Steps.PutAsync(RecordKey.Of(ImageUses.SignKind, "other"), SignNow(storage), CancellationToken.None);
        return (images, KeptStorage.Limit((long)(await storage.UsedBytesAsync() * 0.75), "c"));
    }

    private static byte[] SignNow(KeptStorage storage) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new SignRecord(storage.Now), UseJson.Default.SignRecord);

    private static async Task<int> CountStepsAsync()
    {
        using var storage = new KeptStorage();
        var (images, limit) = await PrepareAsync(storage);
        storage.Steps.Restart();
        await storage.Keeper(limit).RunAsync(0, CancellationToken.None);
        (await storage.IsThereAsync(images[0])).Should().BeFalse();
        (await storage.IsThereAsync(images[1])).Should().BeFalse();
        return storage.Steps.Steps;
    }

    private async Task<IReadOnlyList<bool>> StoredAsync(StoredImage image)
    {
        var stored = new List<bool>();
        foreach (var blob in image.All())
        {
            stored.Add(await _storage.Steps.FindSizeAsync(blob.Digest, CancellationToken.None) is not null);
        }

        return stored;
    }

    private async Task<IReadOnlyList<bool>> AreThereAsync(IEnumerable<StoredImage> images)
    {
        var there = new List<bool>();
        foreach (var image in images)
        {
            there.Add(await _storage.IsThereAsync(image));
        }

        return there;
    }
}

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Pulls;
using Nixery.Storage;

namespace Nixery.Server.Tests;

/// <summary>A registry that learns from what it builds, at three and at five images.</summary>
public sealed class LearnedTableTests : IAsyncLifetime
{
    private readonly Registry _registry = new() { Schedule = new LearningSchedule([3, 5], 10) };

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_table_is_learned_from_the_images_that_were_built_and_kept_until_the_next_size()
    {
        var tables = new List<string>();
        foreach (var image in new[] { "a", "b", "c", "d", "f", "g", "h" })
        {
            await PullAsync(image);
            tables.Add((await PlanAsync(image)).TableId);
        }

        tables.Take(3).Should().OnlyContain(id => id == "none");
        tables[3].Should().NotBe("none").And.Be(tables[4]);
        tables[5].Should().NotBe(tables[4]).And.Be(tables[6]);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_that_was_answered_stays_what_it_was_when_there_is_a_new_table()
    {
        var before = await PullAsync("a/b");
        await PullManyAsync("c", "d", "f", "g", "h");

        var again = await PullAsync("a/b");
        await _registry.RestartAsync();
        var afterRestart = await PullAsync("b/a");

        again.Should().Be(before);
        afterRestart.Should().Be(before);
        (await PlanAsync("a/b")).TableId.Should().Be("none");
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_whose_blobs_are_gone_is_made_again_byte_by_byte_with_its_own_table()
    {
        await PullManyAsync("c", "d", "f");
        var before = await PullAsync("a/b");
        await PullManyAsync("g", "h");
        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);
        await _registry.RestartAsync();

        (await PullAsync("a/b")).Should().Be(before);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_new_pin_has_a_table_at_once_of_all_that_was_seen()
    {
        await PullManyAsync("a", "b", "c");
        (await PlanAsync("a")).TableId.Should().Be("none");

        await File.WriteAllTextAsync(Path.Combine(_registry.Folder, "packages", "default.nix"), "{ } # edited");
        // What is not known yet has the folder looked at now.
        await PullAsync("f");

        (await PlanAsync("a")).TableId.Should().NotBe("none").And.Be((await PlanAsync("f")).TableId);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_was_learned_outlives_a_restart()
    {
        await PullManyAsync("a", "b", "c");
        var before = (await PlanAsync("d")).TableId;

        await _registry.RestartAsync();

        (await PlanAsync("d")).TableId.Should().Be(before).And.NotBe("none");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_table_stays_when_most_of_what_the_next_one_would_be_learned_from_cannot_be_read()
    {
        await PullManyAsync("a", "b", "c", "d");
        var before = (await PlanAsync("d")).TableId;
        var records = _registry.Services.GetRequiredService<IRecordStore>();
        await foreach (var record in records.ListAsync("closure", CancellationToken.None))
        {
            await records.DeleteAsync(record.Key, CancellationToken.None);
        }

        await _registry.RestartAsync();
        await PullManyAsync("f", "g", "h");

        (await PlanAsync("h")).TableId.Should().Be(before).And.NotBe("none");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plan_tells_how_many_other_images_share_each_layer()
    {
        await PullManyAsync("a", "b");

        var plan = await PlanAsync("a/d");

        plan.OtherImages.Should().Be(2);
        plan.Layers.ToDictionary(l => l.Layer.Top!.Name, l => l.SharedBy)
            .Should().BeEquivalentTo(new Dictionary<string, int> { ["libhello-1.0"] = 2, ["a-1.0"] = 1, ["d-1.0"] = 0 });
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_built_when_no_more_tables_are_to_be_learned_is_written_down_behind_the_pulls_and_at_the_latest_when_the_server_ends()
    {
        await PullManyAsync("a", "b", "c", "d", "f", "g", "h");

        await _registry.RestartAsync();
        (await PlanAsync("a/d")).OtherImages.Should().Be(7);

        await PullManyAsync("a/b", "a/c");
        while ((await PlanAsync("a/d")).OtherImages < 9)
        {
            // Until the test's own limit.
            await Task.Yield();
        }
    }

    private async Task PullManyAsync(params string[] images)
    {
        foreach (var image in images)
        {
            await PullAsync(image);
        }
    }

    /// <returns>The digest of the manifest.</returns>
    private async Task<string> PullAsync(string image)
    {
        using var answer = await _registry.Client.GetAsync($"/v2/{image}/manifests/latest");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return answer.Headers.GetValues("Docker-Content-Digest").Single();
    }

    private async Task<PreviewOutcome.Planned> PlanAsync(string image) =>
        (await _registry.Preview.PlanAsync(ImageName.Parse(image), Tag.Latest, CancellationToken.None)).Should().BeOfType<PreviewOutcome.Planned>().Which;
}

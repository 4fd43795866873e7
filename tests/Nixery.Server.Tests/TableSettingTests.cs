using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Pulls;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Server.Tests;

/// <summary>A registry whose table is set, and that would else learn at three images.</summary>
public sealed class TableSettingTests : IAsyncLifetime
{
    private readonly Registry _registry = new() { Schedule = new LearningSchedule([3], 10) };
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"nixery-table-{Guid.NewGuid():N}.json");

    public async Task InitializeAsync()
    {
        _registry.More["Nixery:Layers:Table"] = _file;
        await File.WriteAllTextAsync(_file, Table(share: 0.5));
        await _registry.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        File.Delete(_file);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_table_that_is_set_is_used_and_nothing_is_learned()
    {
        var id = HintTableFormat.Read(await File.ReadAllBytesAsync(_file)).Id;

        await PullManyAsync("a", "b", "c", "d");

        (await TableOfAsync("f")).Should().Be(id);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_pin_keeps_its_table_when_the_file_changes_or_goes_and_a_new_pin_has_the_new_one()
    {
        await PullManyAsync("a");
        var before = await TableOfAsync("b");

        await File.WriteAllTextAsync(_file, Table(share: 0.25));
        await _registry.RestartAsync();
        (await TableOfAsync("b")).Should().Be(before);
        File.Delete(_file);
        await _registry.RestartAsync();
        (await TableOfAsync("b")).Should().Be(before);

        await File.WriteAllTextAsync(_file, Table(share: 0.25));
        await _registry.RestartAsync();
        await File.WriteAllTextAsync(Path.Combine(_registry.Folder, "packages", "default.nix"), "{ } # edited");
        await PullManyAsync("f");
        (await TableOfAsync("b")).Should().NotBe(before);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_table_that_cannot_be_read_is_in_nobodys_way()
    {
        var registry = new Registry { Schedule = new LearningSchedule([3], 10) };
        registry.More["Nixery:Layers:Table"] = _file + ".html";
        await File.WriteAllTextAsync(_file + ".html", "<html>no table</html>");
        try
        {
            await registry.InitializeAsync();

            await PullManyAsync(registry, "a", "b", "c");

            (await TableOfAsync(registry, "a")).Should().Be("none");
            (await TableOfAsync(registry, "d")).Should().NotBe("none", "as if none were set, the registry learns");
        }
        finally
        {
            await registry.DisposeAsync();
            File.Delete(_file + ".html");
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Popularity_alone_is_used_until_something_was_learned()
    {
        await File.WriteAllTextAsync(_file, """{ "libhello-1.0": 100 }""");
        await _registry.RestartAsync();
        var id = HintTableFormat.Read(await File.ReadAllBytesAsync(_file)).Id;

        (await TableOfAsync("a")).Should().Be(id);
        await PullManyAsync("a", "b", "c");

        (await TableOfAsync("d")).Should().NotBe(id).And.NotBe("none");
        (await TableOfAsync("a")).Should().Be(id, "that is what it was planned with");
    }

    [Fact(Timeout = 60_000)]
    public async Task Servers_with_different_tables_on_one_storage_answer_an_image_with_what_it_was_planned_with()
    {
        await PullManyAsync("a");
        var before = await TableOfAsync("a");
        var realised = _registry.Builder.Realisations;

        // More tables than any pin has in its life, each by another setting.
        for (var i = 0; i < 10; i++)
        {
            var file = $"{_file}.{i}";
            await File.WriteAllTextAsync(file, Table(share: 0.01 * (i + 1)));
            _registry.More["Nixery:Layers:Table"] = file;
            await _registry.RestartAsync();
            (await TableOfAsync("a")).Should().Be(before);
            await PullManyAsync("a", $"a/b/{(char)('f' + i)}");
            File.Delete(file);
        }

        _registry.Builder.Realisations.Should().Be(realised + 10, "the image that is known is not built again");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_with_a_table_and_one_without_do_not_undo_each_others_choice()
    {
        var set = HintTableFormat.Read(await File.ReadAllBytesAsync(_file)).Id;
        await PullManyAsync("a", "b", "c");
        _registry.More["Nixery:Layers:Table"] = "";
        await _registry.RestartAsync();
        await PullManyAsync("d");
        var learned = await TableOfAsync("d");
        learned.Should().NotBe("none").And.NotBe(set);

        foreach (var (place, table, image) in new[] { (_file, set, "f"), ("", learned, "g"), (_file, set, "h"), ("", learned, "i") })
        {
            _registry.More["Nixery:Layers:Table"] = place;
            await _registry.RestartAsync();
            await PullManyAsync(image);
            (await TableOfAsync(image)).Should().Be(table);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_of_a_version_that_wrote_down_the_tables_of_the_pin_alone_is_found()
    {
        await PullManyAsync("a");
        var before = await TableOfAsync("a");
        await WriteAsOnceAsync(["none", before]);
        _registry.More["Nixery:Layers:Table"] = "";
        await _registry.RestartAsync();

        (await TableOfAsync("a")).Should().Be(before);
        await PullManyAsync("a");

        _registry.Builder.Realisations.Should().Be(1, "it is there");
        (await TableOfAsync("b")).Should().Be("none");
    }

    private async Task WriteAsOnceAsync(string[] ids)
    {
        var (services, records) = (_registry.Services, _registry.Services.GetRequiredService<IRecordStore>());
        foreach (var kind in new[] { "image-table", "pin-table" })
        {
            await foreach (var record in records.ListAsync(kind, CancellationToken.None))
            {
                await records.DeleteAsync(record.Key, CancellationToken.None);
            }
        }

        var pin = (PinOutcome.Pinned)await services.GetRequiredService<PackageSets>().Find("")!.Pinner.PinAsync(Tag.Latest, CancellationToken.None);
        var old = RecordKey.Changing("pin-tables", "1", services.GetRequiredService<ILayerPlanner>().Identity, pin.Source.Key);
        await services.GetRequiredService<TypedRecords>().PutAsync(
            old, new OldPinTables(ids, PinTables.Learned, 0), PinTablesJson.Default.OldPinTables, CancellationToken.None);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plan_writes_down_no_choice()
    {
        var registry = new Registry { Schedule = new LearningSchedule([1], 10) };
        try
        {
            await registry.InitializeAsync();
            await PullManyAsync(registry, "a");
            var before = Records(registry);

            // The next image would have a table learned, and this pin has none yet for it.
            (await TableOfAsync(registry, "b")).Should().NotBe("none");

            Records(registry).Should().Equal(before);
        }
        finally
        {
            await registry.DisposeAsync();
        }

        static List<string> Records(Registry registry) =>
            [.. Directory.EnumerateFiles(registry.StorageFolder, "*", SearchOption.AllDirectories).Where(f => f.Contains("table", StringComparison.Ordinal)).Order()];
    }

    private Task PullManyAsync(params string[] images) => PullManyAsync(_registry, images);

    private static async Task PullManyAsync(Registry registry, params string[] images)
    {
        foreach (var image in images)
        {
            using var answer = await registry.Client.GetAsync($"/v2/{image}/manifests/latest");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    private Task<string> TableOfAsync(string image) => TableOfAsync(_registry, image);

    private static async Task<string> TableOfAsync(Registry registry, string image) =>
        (await registry.Preview.PlanAsync(ImageName.Parse(image), Tag.Latest, CancellationToken.None)).Should().BeOfType<PreviewOutcome.Planned>().Which.TableId;

    private static string Table(double share) => FormattableString.Invariant($$"""
        {
          "format": "nixery-hint-table-1",
          "paths": ["/nix/store/{{new string('1', 32)}}-libhello-1.0"],
          "shares": [{{share}}], "referrers": [3], "hosts": [-1]
        }
        """);
}

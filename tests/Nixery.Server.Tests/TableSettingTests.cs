using System.Net;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Pulls;

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

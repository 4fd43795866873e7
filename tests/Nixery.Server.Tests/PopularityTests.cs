using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Images;
using Nixery.Pulls;
using Nixery.Server.Commands;

namespace Nixery.Server.Tests;

/// <summary>What `nixery popularity` makes of a package set.</summary>
public sealed class PopularityTests : IAsyncLifetime
{
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_named_package_that_cannot_be_had_is_told_and_the_rest_is_made()
    {
        var (result, told) = await MakeAsync("hello", "missing", "unfree");

        told.Should().Contain(p => p.Contains("missing")).And.Contain(p => p.Contains("unfree licence")).And.HaveCount(2);
        result.Problem.Should().Be("the table lacks missing, unfree");
        result.Table!.Records.Select(r => r.Key.Name).Should().BeEquivalentTo("hello-1.0", "libhello-1.0");
    }

    [Fact(Timeout = 60_000)]
    public async Task Of_a_whole_set_some_cannot_be_had_and_that_is_told_and_no_problem()
    {
        var (result, told) = await MakeAsync();

        told.Should().HaveCount(2);
        result.Problem.Should().BeNull();
        result.Table!.Count.Should().Be(3);
    }

    [Fact]
    public void Packages_and_a_list_of_store_paths_do_not_go_together()
    {
        PopularityCommand.Create().Parse("popularity hello -o t --store-paths list").Errors.Should().ContainSingle().Which.Message.Should().Contain("--store-paths");
        PopularityCommand.Create().Parse("popularity -o t --store-paths list").Errors.Should().BeEmpty();
        PopularityCommand.Create().Parse("popularity hello -o t").Errors.Should().BeEmpty();
    }

    private async Task<(TableResult Result, IReadOnlyCollection<string> Told)> MakeAsync(params string[] names)
    {
        var told = new Told();
        var result = await _registry.Services.GetRequiredService<PackageSetTable>().MakeAsync(
            "", Tag.Latest, MetaPackages.Platforms["amd64"], [.. names.Select(PackageName.Parse)], 2, told, CancellationToken.None);
        return (result, told.Problems);
    }

    private sealed class Told : IProgress<TableProgress>
    {
        public ConcurrentQueue<string> Problems { get; } = [];

        public void Report(TableProgress value)
        {
            if (value.Problem is { } problem)
            {
                Problems.Enqueue(problem);
            }
        }
    }
}

using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

public sealed class LayerReasonTests
{
    private static readonly StorePath Libc = Path('1', "libc-2"), Own = Path('2', "own-1"), Git = Path('3', "git-2"), Other = Path('4', "other-1");

    [Fact]
    public void Each_layer_says_why_it_is_one()
    {
        var closure = ClosureGraph.Of([new(Libc, 9_000_000, []), new(Own, 1, []), new(Git, 500_000, [Libc, Own])], [Git]);
        var table = HintTable.Of(new Dictionary<StorePath, Hint>
        {
            [Libc] = new(1, 5, null),
            [Own] = new(0.125, 1, Git),
            [Git] = new(0.125, 1, null),
            [Other] = new(0.5, 1, null),
        });

        Reasons(closure, table).Should().Equal(
            "libc-2: alone; 100 % of images have it; to travel would cost more than a layer",
            "git-2: host of 1: own-1; 12.5 % of images have it; nothing refers to it");
    }

    [Fact]
    public void A_host_that_is_not_in_the_image_is_named()
    {
        var closure = ClosureGraph.Of([new(Libc, 9_000_000, [])], [Libc]);
        var table = HintTable.Of(new Dictionary<StorePath, Hint> { [Libc] = new(0.5, 1, Git), [Git] = new(0.5, 1, null) });

        Reasons(closure, table).Should().Equal("libc-2: alone; 50 % of images have it; its host git-2 does not refer to it here");
    }

    [Fact]
    public void Without_a_table_and_in_the_tail_there_is_little_to_say()
    {
        var closure = ClosureGraph.Of([new(Libc, 2, []), new(Git, 1, [Libc]), new(Own, 1, [])], [Git]);

        Reasons(closure, null, budget: 2).Should().Equal(
            "libc-2: alone; there is no table yet",
            "(tail): each too small for a layer of its own, or beyond the budget");
        Reasons(closure, HintTable.OfPopularity(new Dictionary<string, long> { ["libc-2"] = 7 })).First()
            .Should().Be("libc-2: alone; the table does not say with whom it travels");
    }

    private static IEnumerable<string> Reasons(ClosureGraph closure, HintTable? table, int budget = 94)
    {
        var planner = new ForestPlanner(new LayerOptions { Budget = budget });
        return planner.Plan(closure, table).Layers.Select(l => $"{l.Top?.Name ?? "(tail)"}: {planner.Explain(l, closure, table)}");
    }

    private static StorePath Path(char hash, string name) => StorePath.Parse($"/nix/store/{new string(hash, 32)}-{name}");
}

using FsCheck;
using FsCheck.Fluent;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>What must hold of every plan with a table of the whole package set, over generated sets and images.</summary>
public sealed class ForestTableLaws
{
    /// <summary>Where no budget bites and nothing is too small for a layer of its own.</summary>
    private static readonly LayerOptions Roomy = new() { Budget = 1000, SmallestLayerBytes = 0 };

    [Fact]
    public void Every_store_path_is_in_exactly_one_layer_and_no_layer_is_over_the_budget() => Law((set, small, large) =>
        new[] { 1, 2, 7, 94 }.All(budget =>
        {
            var closure = Graphs.Closure(set, large);
            var layers = new ForestPlanner(new LayerOptions { Budget = budget }).Plan(closure, TableOf(set, small)).Layers;
            return layers.SelectMany(l => l.Paths).Order().SequenceEqual(closure.Nodes.Select(n => n.Path))
                && layers.Count <= budget && layers.All(l => l.Paths.Count > 0);
        }));

    [Fact]
    public void The_order_of_the_input_does_not_matter() => Law((set, small, large) =>
    {
        var turned = set.AsEnumerable().Reverse().Select(n => n with { References = [.. n.References.Reverse()] }).ToList();
        var table = TableOf(set, small);
        var turnedTable = new HintTableBuilder(turned, 1_000_000).FromGraph(large.Reverse().Concat(small), small.Reverse());
        var planner = new ForestPlanner(new LayerOptions { Budget = 9 });
        return TableOf(set, small, large).Id == turnedTable.Id
            && Text(planner.Plan(Graphs.Closure(set, large), table)) == Text(planner.Plan(Graphs.Closure(turned, large), table));
    });

    [Fact]
    public void What_is_in_a_layer_depends_on_its_top_alone() => Law((set, small, large) =>
    {
        var table = TableOf(set, small);
        var one = Plan(set, small, table).Layers.ToDictionary(l => l.Top!, Text);
        return Plan(set, large, table).Layers.All(l => !one.TryGetValue(l.Top!, out var other) || other == Text(l));
    });

    [Fact]
    public void Another_package_changes_no_layer_but_those_that_it_must() => Law((set, small, large) =>
    {
        var table = TableOf(set, large);
        var before = Plan(set, small, table).Layers;
        var after = Plan(set, large, table).Layers;
        var known = before.SelectMany(l => l.Paths).ToHashSet();
        var texts = before.Select(Text).ToHashSet();
        // What holds nothing new is as it was; what is no more has, whole, gone into a layer with its host, which is new.
        return after.Where(l => l.Paths.All(known.Contains)).All(l => texts.Contains(Text(l)))
            && before.Where(l => !after.Select(Text).Contains(Text(l)))
                .All(l => after.Any(a => l.Paths.All(a.Paths.Contains) && !known.Contains(a.Top!)));
    });

    [Fact]
    public void What_travels_is_needed_by_its_host() => Law((set, _, large) =>
    {
        var closure = Graphs.Closure(set, large);
        return Plan(set, large, TableOf(set, large)).Layers.All(l => l.Paths.All(closure.Below(l.Top!).Nodes.Select(n => n.Path).Contains));
    });

    [Fact]
    public void A_table_that_has_been_written_and_read_is_the_same() => Law((set, small, _) =>
    {
        var table = TableOf(set, small);
        var read = HintTableFormat.Read(HintTableFormat.Write(table));
        return read.Id == table.Id && read.Records.SequenceEqual(table.Records);
    });

    [Fact]
    public void A_graph_that_has_cycles_which_no_store_has_is_still_planned_whole() => Law((set, small, large) =>
    {
        // Each node refers to the next one too.
        var cyclic = set.Select((n, i) => n with { References = [.. n.References, set[(i + 1) % set.Count].Path] }).ToList();
        var closure = Graphs.Closure(cyclic, large);
        return new ForestPlanner(Roomy).Plan(closure, TableOf(cyclic, small)).Layers.SelectMany(l => l.Paths).Order()
            .SequenceEqual(closure.Nodes.Select(n => n.Path));
    });

    private static void Law(Func<List<ClosureNode>, StorePath[], StorePath[], bool> holds) =>
        Prop.ForAll(Graphs.WithTwoImages.ToArbitrary(), c => holds(c.Set, c.Small, c.Large)).QuickCheckThrowOnFailure();

    private static HintTable TableOf(List<ClosureNode> set, params StorePath[][] requestable) =>
        new HintTableBuilder(set, 1_000_000).FromGraph(requestable.SelectMany(r => r).Distinct(), requestable[0]);

    private static LayerPlan Plan(List<ClosureNode> set, StorePath[] roots, HintTable table) =>
        new ForestPlanner(Roomy).Plan(Graphs.Closure(set, roots), table);

    private static string Text(LayerPlan plan) => string.Join('\n', plan.Layers.Select(Text));

    private static string Text(PlannedLayer layer) => string.Join(' ', layer.Paths);
}

using FsCheck;
using FsCheck.Fluent;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>What must hold of every plan by Nixery's rule, over generated closures.</summary>
public sealed class NixeryPlannerLaws
{
    [Fact]
    public void Every_store_path_is_in_exactly_one_layer_and_no_layer_is_over_the_budget() => Law((closure, popularity) =>
        new[] { 1, 2, 7, 94 }.All(budget => Plan(closure, popularity, budget).Layers is var layers
            && layers.SelectMany(l => l.Paths).Order().SequenceEqual(closure.Nodes.Select(n => n.Path)) && layers.Count <= budget));

    [Fact]
    public void The_order_of_the_input_does_not_matter() => Law((closure, popularity) =>
        Text(Plan(ClosureGraph.Of(closure.Nodes.Reverse(), closure.Roots.Reverse()), popularity, 5)) == Text(Plan(closure, popularity, 5)));

    [Fact]
    public void Sizes_of_closures_are_the_sums_of_what_is_reached() => Law((closure, _) =>
    {
        var graph = GraphByPlace.Of(closure.Nodes);
        var sizes = Reach.ClosureSizes(graph);
        return graph.Paths.Index().All(p => sizes[p.Index] == closure.Below(p.Item).Nodes.Sum(n => n.NarSizeBytes));
    });

    private static void Law(Func<ClosureGraph, HintTable, bool> holds) => Prop.ForAll(Graphs.WithTwoImages.ToArbitrary(), c =>
        holds(
            Graphs.Closure(c.Set, c.Large),
            HintTable.OfPopularity(c.Set.ToDictionary(n => n.Path.Name, n => n.NarSizeBytes % 173)))).QuickCheckThrowOnFailure();

    private static LayerPlan Plan(ClosureGraph closure, HintTable popularity, int budget) =>
        new NixeryPlanner(new LayerOptions { Budget = budget }).Plan(closure, popularity);

    private static string Text(LayerPlan plan) => string.Join('\n', plan.Layers.Select(l => string.Join(' ', l.Paths)));
}

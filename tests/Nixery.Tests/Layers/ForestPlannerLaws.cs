using FsCheck;
using FsCheck.Fluent;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

/// <summary>What must hold of every plan, over generated closures.</summary>
public sealed class ForestPlannerLaws
{
    private const string Base32 = "0123456789abcdfghijklmnpqrsvwxyz";
    private static readonly string[] Names = ["glibc-2.38", "bash-5.2", "openssl-3.0.13-bin", "openssl-3.0.14-bin", "x", "tool"];

    /// <summary>Nodes that refer to earlier ones, with few different sizes, so that ties are common.</summary>
    private static readonly Gen<(List<ClosureNode> Nodes, int Budget)> Closures =
        from count in Gen.Choose(1, 60)
        from seeds in Gen.Choose(0, int.MaxValue - 1).ListOf(count)
        from budget in Gen.Choose(1, 70)
        select (seeds.Select((seed, i) => Node(i, seed)).ToList(), budget);

    [Fact]
    public void Every_store_path_is_in_exactly_one_layer() => Law((nodes, _, plan) =>
        plan.Layers.SelectMany(l => l.Paths).Order().SequenceEqual(nodes.Select(n => n.Path).Order()));

    [Fact]
    public void There_are_at_most_as_many_layers_as_the_budget_and_none_is_empty() => Law((_, budget, plan) =>
        plan.Layers.Count <= budget && plan.Layers.All(l => l.Paths.Count > 0));

    [Fact]
    public void The_order_of_the_input_does_not_matter() => Law((nodes, budget, plan) =>
        Text(Plan(nodes.AsEnumerable().Reverse(), budget)) == Text(plan)
        && Text(Plan(nodes.OrderBy(n => n.Path.Text.GetHashCode(StringComparison.Ordinal)), budget)) == Text(plan));

    [Fact]
    public void A_layer_tells_its_size_and_sorts_its_paths() => Law((nodes, _, plan) => plan.Layers.All(l =>
        l.NarSizeBytes == l.Paths.Sum(p => nodes.Single(n => n.Path == p).NarSizeBytes) && l.Paths.SequenceEqual(l.Paths.Order())));

    [Fact]
    public void Nothing_in_the_tail_is_larger_than_what_stands_alone() => Law((nodes, _, plan) =>
    {
        var tail = plan.Layers.Where(l => l.Top is null).SelectMany(l => l.Paths).ToHashSet();
        var largestInTail = nodes.Where(n => tail.Contains(n.Path)).Select(n => n.NarSizeBytes).DefaultIfEmpty(0).Max();
        return plan.Layers.Where(l => l.Top is not null).All(l => l.NarSizeBytes >= largestInTail) && plan.Layers.SkipLast(1).All(l => l.Top is not null);
    });

    [Fact]
    public void Where_no_budget_bites_another_package_changes_no_layer() => Law((nodes, _, _) =>
    {
        var before = Plan(nodes.SkipLast(1), 100).Layers.Select(Text);
        return before.All(Plan(nodes, 100).Layers.Select(Text).Contains);
    });

    private static void Law(Func<List<ClosureNode>, int, LayerPlan, bool> holds) =>
        Prop.ForAll(Closures.ToArbitrary(), c => holds(c.Nodes, c.Budget, Plan(c.Nodes, c.Budget))).QuickCheckThrowOnFailure();

    private static LayerPlan Plan(IEnumerable<ClosureNode> nodes, int budget) => new ForestPlanner(new LayerOptions { Budget = budget }).Plan(ClosureGraph.Of(nodes, []), null);

    private static string Text(LayerPlan plan) => string.Join('\n', plan.Layers.Select(Text));

    private static string Text(PlannedLayer layer) => string.Join(' ', layer.Paths);

    private static ClosureNode Node(int index, int seed)
    {
        var references = index == 0 ? [] : new[] { Path(seed % index), Path(seed / 7 % index) };
        return new ClosureNode(Path(index), (seed % 5) * 1000, references);
    }

    // The index is spread over the hash, so that the order of paths is not the order of making.
    private static StorePath Path(int index) => StorePath.Parse(
        $"/nix/store/{Base32[(index * 7) % 32]}{Base32[index / 32]}{Base32[index % 32]}{new string('0', 29)}-{Names[index % Names.Length]}");
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Bench;

/// <summary>
/// <c>layertimes</c>: how long planning takes, and how long and how much memory a table takes, on made-up package sets in the shape of
/// nixpkgs: few libraries that many refer to, many programs that nobody does.
/// </summary>
internal static class LayerTimesVerb
{
    private static readonly Option<int> Paths = new("--paths") { Description = "How many store paths the table is of.", DefaultValueFactory = _ => 100_000 };

    public static Command Create()
    {
        var command = new Command("layertimes", "Measure the planners and the making of a table.") { Paths };
        command.SetAction(parsed => Run(parsed.GetValue(Paths), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static void Run(int paths, TextWriter output)
    {
        var set = Graph(paths);
        var clock = Stopwatch.StartNew();
        var table = new HintTableBuilder(set, new LayerOptions().WastePerLayerBytes).FromGraph(set.Select(n => n.Path), []);
        Say($"table of {paths} paths, {set.Sum(n => n.References.Count)} references: {clock.Elapsed.TotalSeconds:0.00} s, {Peak() / 1e6:0} MB at most in the whole process");
        foreach (var count in new[] { 500, 1000, 2000, 5000 })
        {
            var closure = ClosureGraph.Of(set.Take(count), []);
            foreach (var kind in Enum.GetValues<PlannerKind>())
            {
                var planner = ILayerPlanner.Of(new LayerOptions { Planner = kind });
                Say($"{kind} planner, {count} paths: {MedianMilliseconds(() => planner.Plan(closure, table)):0.00} ms (median of 21 after warming up)");
            }
        }

        void Say(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static double MedianMilliseconds(Action work)
    {
        for (var i = 0; i < 20; i++)
        {
            work();
        }

        var times = Enumerable.Range(0, 21).Select(_ =>
        {
            var clock = Stopwatch.StartNew();
            work();
            return clock.Elapsed.TotalMilliseconds;
        });
        return times.Order().ElementAt(10);
    }

    private static long Peak()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    /// <summary>The same each time. Each path refers to about four of those before it, to the first ones more often.</summary>
    private static List<ClosureNode> Graph(int count)
    {
        const string Base32 = "0123456789abcdfghijklmnpqrsvwxyz";
#pragma warning disable CA5394 // not for security: the same made-up graph on each machine
        var random = new Random(7);
        var paths = Enumerable.Range(0, count)
            .Select(i => StorePath.Parse($"/nix/store/{new string([.. Enumerable.Range(0, 32).Select(_ => Base32[random.Next(32)])])}-package{i}-1.{i % 10}"))
            .ToList();
        return [.. paths.Select((path, i) => new ClosureNode(
            path,
            (long)(1000 * Math.Pow(10, 4 * random.NextDouble())),
            i == 0 ? [] : [.. Enumerable.Range(0, 1 + random.Next(7)).Select(_ => paths[(int)(i * Math.Pow(random.NextDouble(), 4))]).Distinct()]))];
#pragma warning restore CA5394
    }
}

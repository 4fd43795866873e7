using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Bench;

/// <summary>
/// <c>layerplan --stdio</c>: plans layers for the scorer of the layering study, by its protocol: one JSON object a line, one answer a
/// line, in order. <c>init</c> begins a revision of the package set, with its graph, its popularity or neither; <c>observe</c> tells an
/// image that was built in the past; <c>layer</c> asks for the layers of one.
/// </summary>
internal static class LayerPlanVerb
{
    private static readonly Option<bool> Stdio = new("--stdio") { Description = "Read requests from standard input, write answers to standard output.", Required = true };

    private static readonly Option<PlannerKind> Planner = new("--planner") { Description = "Which planner.", DefaultValueFactory = _ => PlannerKind.Forest };

    private static readonly Option<long> Waste = new("--waste")
    {
        Description = "Nixery:Layers:WastePerLayerBytes.",
        DefaultValueFactory = _ => new LayerOptions().WastePerLayerBytes,
    };

    private static readonly Option<long> Smallest = new("--smallest")
    {
        Description = "Nixery:Layers:SmallestLayerBytes.",
        DefaultValueFactory = _ => new LayerOptions().SmallestLayerBytes,
    };

    public static Command Create()
    {
        var command = new Command("layerplan", "Plan layers for the scorer of the layering study.") { Stdio, Planner, Waste, Smallest };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(new LayerOptions
            {
                Planner = parsed.GetValue(Planner),
                WastePerLayerBytes = parsed.GetValue(Waste),
                SmallestLayerBytes = parsed.GetValue(Smallest),
            });
            // A request may be megabytes long, and the scorer waits for each answer.
            await using var input = Console.OpenStandardInput();
            await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
            using var lines = new StreamReader(input, bufferSize: 1 << 16);
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                using var request = JsonDocument.Parse(line);
                await output.WriteLineAsync(session.Answer(request.RootElement).ToJsonString());
            }
        });
        return command;
    }

    private sealed class Session(LayerOptions options)
    {
        private readonly List<ClosureGraph> _seen = [];
        private HintTable? _table;
        private int? _stage;

        public JsonObject Answer(JsonElement request) => request.GetProperty("op").GetString() switch
        {
            "init" => Begin(request),
            "observe" => Observe(request),
            "layer" => Layer(request),
            var other => new JsonObject { ["error"] = $"there is no op '{other}'" },
        };

        private JsonObject Begin(JsonElement request)
        {
            _seen.Clear();
            _stage = null;
            _table = (options.Planner, FileOf(request, "popularity"), FileOf(request, "channelGraph")) switch
            {
                (PlannerKind.Nixery, { } popularity, _) => HintTableFormat.Read(File.ReadAllBytes(popularity)),
                (PlannerKind.Forest, _, { } graph) => GraphFile.Read(graph).Table(Paths(request.GetProperty("baseRoots")), options.WastePerLayerBytes),
                (PlannerKind.Forest, { } popularity, null) => HintTableFormat.Read(File.ReadAllBytes(popularity)),
                _ => null,
            };
            return new JsonObject { ["ok"] = true };
        }

        private JsonObject Observe(JsonElement request)
        {
            _seen.Add(Closure(request));
            return new JsonObject { ["ok"] = true };
        }

        private JsonObject Layer(JsonElement request)
        {
            // What the server does at the first build of a new pin.
            var schedule = LearningSchedule.Default;
            if (_table is null && _seen.Count > 0 && schedule.IsDue(_stage, _seen.Count))
            {
                _table = schedule.TableOf([.. _seen.TakeLast(schedule.MostImages)], options.WastePerLayerBytes);
                _stage = schedule.StageOf(_seen.Count);
            }

            var ofRequest = options with { Budget = request.GetProperty("budget").GetInt32() };
            var plan = ILayerPlanner.Of(ofRequest).Plan(Closure(request), _table);
            var layers = plan.Layers.Select(l => (JsonNode)new JsonArray([.. l.Paths.Select(p => (JsonNode)p.Text)]));
            return new JsonObject { ["layers"] = new JsonArray([.. layers]) };
        }

        private static string? FileOf(JsonElement request, string name) => request.GetProperty(name).GetString();

        private static ClosureGraph Closure(JsonElement request) =>
            ClosureGraph.Of(request.GetProperty("graph").EnumerateArray().Select(GraphFile.Node), Paths(request.GetProperty("roots")));

        private static IEnumerable<StorePath> Paths(JsonElement paths) => paths.EnumerateArray().Select(p => StorePath.Parse(p.GetString()!));
    }
}

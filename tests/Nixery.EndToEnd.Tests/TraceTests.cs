using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class TraceTests : IDisposable
{
    private const int Limit = 180_000;
    private const string Image = "jq";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_pull_is_one_trace_with_a_span_for_each_room_that_it_walks_through()
    {
        await using var sink = await TraceSink.StartAsync();
        await using var server = await RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?>
        {
            ["Nixery__Telemetry__Endpoint"] = sink.Address.ToString(),
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });
        using var client = server.CreateClient();
        (await client.ManifestAsync(Image)).Status.Should().Be(200);
        // The request's own span, which all others are within, ends last.
        await Eventually.Async(() => sink.Spans.Any(s => s.Parent.Length == 0) && sink.Metrics > 0, "the request of the pull, and figures");

        sink.Spans.Select(s => s.Trace).Distinct().Should().ContainSingle("what nobody asked for, as a look at Nix for readiness, has no trace");
        var pull = sink.Spans.Single(s => s.Name == "pull");
        pull.Attributes.Should().Contain("nixery.image", Image).And.Contain("nixery.outcome", "image").And.Contain("nixery.level", "built");
        var spans = sink.Spans.Where(s => s.Trace == pull.Trace).ToList();
        spans.Select(s => s.Name).Should().Contain(["pull", "pin", "build", "evaluate", "nix-instantiate", "realise", "nix-store", "plan", "pack", "root", "store"]);
        spans.Where(s => s.Parent.Length == 0).Should().ContainSingle("all is within the request").Which.Attributes.Should().Contain("http.request.method", "GET");
        foreach (var (name, parent) in new[] { ("build", "pull"), ("evaluate", "build"), ("realise", "build"), ("plan", "build"), ("store", "build"), ("nix-instantiate", "evaluate") })
        {
            Ancestors(spans.First(s => s.Name == name), spans).Should().Contain(parent, name);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task OpenTelemetrys_own_variable_names_the_collector_too()
    {
        await using var sink = await TraceSink.StartAsync();
        await using var server = await RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        });
        using var client = server.CreateClient();

        (await client.ManifestAsync("no-such-package")).Status.Should().Be(404);

        await Eventually.Async(() => sink.Spans.Any(s => s.Name == "pull" && s.Attributes["nixery.outcome"] == "not-found"), "its span");
    }

    [Fact(Timeout = Limit)]
    public async Task The_lines_of_a_build_in_the_log_have_its_request_build_and_trace()
    {
        await using var server = await RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?> { ["Nixery__Log__Format"] = "Json" });
        using var client = server.CreateClient();

        (await client.ManifestAsync(Image)).Status.Should().Be(200);
        await Eventually.Async(() => server.Log.Contains("\"Pull {Image}", StringComparison.Ordinal), "the line of the pull");

        var lines = server.Log.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var (built, pulled) = (LineOf(lines, "Built {Image}"), LineOf(lines, "Pull {Image}"));
        foreach (var line in new[] { built, pulled })
        {
            line.GetProperty("Properties").GetProperty("RequestId").GetString().Should().NotBeEmpty();
            line.GetProperty("TraceId").GetString().Should().HaveLength(32);
        }

        built.GetProperty("TraceId").GetString().Should().Be(pulled.GetProperty("TraceId").GetString());
        built.GetProperty("Properties").GetProperty("BuildId").GetString().Should().HaveLength(12);
    }

    private static JsonElement LineOf(IEnumerable<JsonElement> lines, string template) =>
        lines.Single(l => l.GetProperty("MessageTemplate").GetString()!.StartsWith(template, StringComparison.Ordinal));

    private static IEnumerable<string> Ancestors(ReceivedSpan span, IReadOnlyList<ReceivedSpan> all)
    {
        for (var parent = Of(span); parent is not null; parent = Of(parent))
        {
            yield return parent.Name;
        }

        ReceivedSpan? Of(ReceivedSpan child) => all.FirstOrDefault(s => s.Id == child.Parent);
    }
}

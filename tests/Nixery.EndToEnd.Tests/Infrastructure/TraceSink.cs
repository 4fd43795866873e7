using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A span as it came, of which the tests look at so much.</summary>
internal sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>
/// A collector that takes OTLP over HTTP and keeps the spans.
/// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
/// </summary>
internal sealed class TraceSink : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly WebApplication _app;
    private int _metrics;

    private TraceSink(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>How many exports of metrics came.</summary>
    public int Metrics => Volatile.Read(ref _metrics);

    public static async Task<TraceSink> StartAsync()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        var sink = new TraceSink(app);
        app.MapPost("/v1/traces", sink.ReceiveAsync);
        app.MapPost("/v1/metrics", () => Interlocked.Increment(ref sink._metrics) > 0 ? Results.Ok() : Results.BadRequest());
        await app.StartAsync();
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        // ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans
        foreach (var span in Inner(body.ToArray(), 1).SelectMany(r => Inner(r, 2)).SelectMany(s => Inner(s, 2)))
        {
            _spans.Enqueue(SpanOf(span));
        }

        return Results.Ok();
    }

    private static ReceivedSpan SpanOf(byte[] span)
    {
        var attributes = Inner(span, 9).ToDictionary(a => TextOf(a, 1), a => Inner(a, 2).Select(v => TextOf(v, 1)).FirstOrDefault() ?? "");
        return new ReceivedSpan(HexOf(span, 1), HexOf(span, 2), HexOf(span, 4), TextOf(span, 5), attributes);
    }

    private static string HexOf(byte[] message, int field) => Convert.ToHexStringLower(Inner(message, field).FirstOrDefault() ?? []);

    private static string TextOf(byte[] message, int field) => Encoding.UTF8.GetString(Inner(message, field).FirstOrDefault() ?? []);

    /// <summary>What the fields of this number hold, where they are strings, bytes or messages.</summary>
    private static IEnumerable<byte[]> Inner(byte[] message, int field)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = ReadNumber(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    ReadNumber(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadNumber(message, ref at);
                    if ((int)(tag >> 3) == field)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"{tag & 7} is no type of the wire");
            }
        }
    }

    private static ulong ReadNumber(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }

            shift += 7;
        }
    }
}

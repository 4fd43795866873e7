using Nixery.Server.Versions;
using Nixery.Sight;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Nixery.Server.Sight;

/// <summary>
/// Who gets the figures and spans: <c>/metrics</c> whoever asks, and where an endpoint is set a collector, by OTLP. Without one there are
/// no spans at all. docs/decisions/0018-sight.md
/// </summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    private static readonly string[] EndpointVariables =
        [EndpointVariable, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Of all that .NET tells of itself; the rest is for who looks into .NET.</summary>
    private static readonly string[] Runtime =
    [
        "dotnet.gc.collections", "dotnet.gc.pause.time", "dotnet.gc.heap.total_allocated", "dotnet.gc.last_collection.heap.size",
        "dotnet.exceptions",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetryOptions options)
    {
        if (options.Endpoint is { } endpoint)
        {
            // The exporters read their settings under these names, wherever they stand.
            builder.Configuration.AddInMemoryCollection(
            [
                new(EndpointVariable, endpoint.ToString()),
                new(ProtocolVariable, options.Protocol == TelemetryProtocol.Grpc ? "grpc" : "http/protobuf"),
            ]);
        }

        var isSent = EndpointVariables.Any(v => !string.IsNullOrEmpty(builder.Configuration[v]));
        var name = builder.Configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } own ? own : "nixery";
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name, serviceVersion: Revision.Current.Text))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Figures.MeterName, Gauges.MeterName, "System.Runtime", "Microsoft.AspNetCore.Hosting")
                    .AddView(i => i.Meter.Name == "System.Runtime" && !Runtime.Contains(i.Name) ? MetricStreamConfiguration.Drop : null)
                    .AddPrometheusExporter(page => (page.ScopeInfoEnabled, page.TargetInfoEnabled) = (false, false));
                _ = isSent ? metrics.AddOtlpExporter() : metrics;
            });
        if (isSent)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(Tracing.SourceName)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => RawPath.IsRegistry(RawPath.Of(context)))
                .AddOtlpExporter());
        }
    }
}

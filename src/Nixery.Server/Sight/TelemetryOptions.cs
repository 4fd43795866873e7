namespace Nixery.Server.Sight;

/// <summary>Where traces and metrics are sent by OTLP. OpenTelemetry's own variables, <c>OTEL_…</c>, say the rest.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>A collector, as <c>http://collector:4318</c>; null for that of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or for none.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>What the collector of <see cref="Endpoint"/> speaks.</summary>
    public TelemetryProtocol Protocol { get; init; } = TelemetryProtocol.Http;

    public IEnumerable<string> Problems()
    {
        if (Endpoint is { } address && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0))
        {
            yield return "Nixery:Telemetry:Endpoint is an address as http://collector:4318, without a user";
        }
    }
}

internal enum TelemetryProtocol
{
    /// <summary>Protocol buffers in HTTP requests; usually at port 4318.</summary>
    Http,

    /// <summary>gRPC; usually at port 4317.</summary>
    Grpc,
}

using Serilog.Core;
using Serilog.Events;

namespace Nixery.Server.Sight;

/// <summary>
/// What a line of text ends in, where it is of a request: by the same request, build or trace all of its lines are found again. In JSON
/// they are fields of their own.
/// </summary>
internal sealed class LineIds : ILogEventEnricher
{
    public const string Name = "Ids";

    private static readonly LogEventProperty None = new(Name, new ScalarValue(""));

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (TextOf(logEvent, "RequestId") is not { } request)
        {
            logEvent.AddPropertyIfAbsent(None);
            return;
        }

        var build = TextOf(logEvent, "BuildId") is { } id ? $" build {id}" : "";
        logEvent.AddPropertyIfAbsent(new LogEventProperty(Name, new ScalarValue($" [request {request}{build} trace {logEvent.TraceId}]")));
    }

    private static string? TextOf(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: string { Length: > 0 } text } ? text : null;
}

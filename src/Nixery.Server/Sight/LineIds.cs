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

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        string?[] ids =
        [
            TextOf(logEvent, "RequestId") is { } request ? $"request {request}" : null,
            TextOf(logEvent, "BuildId") is { } build ? $"build {build}" : null,
            logEvent.TraceId is { } trace ? $"trace {trace}" : null,
        ];
        var text = string.Join(' ', ids.OfType<string>());
        logEvent.AddPropertyIfAbsent(new LogEventProperty(Name, new ScalarValue(text.Length == 0 ? "" : $" [{text}]")));
    }

    private static string? TextOf(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: string { Length: > 0 } text } ? text : null;
}

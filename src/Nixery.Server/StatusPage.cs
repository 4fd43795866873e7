using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Sources;

namespace Nixery.Server;

/// <summary><c>/status</c>: the package sets and what their tags mean, for whoever watches the registry.</summary>
internal static class StatusPage
{
    public static Task AnswerAsync(HttpContext context)
    {
        var sets = context.RequestServices.GetRequiredService<ISourceStatus>().Read();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body, new StatusReport([.. sets.Select(ReportOf)]), StatusJson.Default.StatusReport, context.RequestAborted);
    }

    private static SetReport ReportOf(SetStatus set) => new(set.Name, set.Source, [.. set.Pins.Select(ReportOf)]);

    private static PinReport ReportOf(PinStatus pin) =>
        new(pin.Tag, pin.Revision, pin.Age is { } age ? (long)age.TotalSeconds : null, pin.Failure?.Explanation, pin.Failure?.At);
}

internal sealed record StatusReport(IReadOnlyList<SetReport> Sets);

internal sealed record SetReport(string? Name, string Source, IReadOnlyList<PinReport> Pins);

internal sealed record PinReport(string Tag, string? Revision, long? AgeSeconds, string? Failure, DateTimeOffset? FailedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;

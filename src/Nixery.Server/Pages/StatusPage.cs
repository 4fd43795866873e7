using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Server.Access;
using Nixery.Server.Errors;
using Nixery.Sources;

namespace Nixery.Server.Pages;

/// <summary><c>/status</c>: the Nix, the package sets and what their tags mean, and what went wrong lately, for whoever watches the registry.</summary>
internal static class StatusPage
{
    public static Task AnswerAsync(HttpContext context)
    {
        var services = context.RequestServices;
        if (services.GetRequiredService<Doorkeeper>().FindObstacleToStatus(context) is { } obstacle)
        {
            return OciErrorWriter.WriteAsync(context, obstacle);
        }

        var sets = services.GetRequiredService<ISourceStatus>().Read();
        var failures = services.GetRequiredService<IFailureLog>().Recent;
        var nix = services.GetRequiredService<NixVersion>().Last;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body, new StatusReport(nix, [.. sets.Select(ReportOf)], failures), StatusJson.Default.StatusReport, context.RequestAborted);
    }

    private static SetReport ReportOf(SetStatus set) => new(set.Name, set.Source, [.. set.Pins.Select(ReportOf)]);

    private static PinReport ReportOf(PinStatus pin) =>
        new(pin.Tag, pin.Revision, pin.Age is { } age ? (long)age.TotalSeconds : null, pin.Failure?.Explanation, pin.Failure?.At);
}

/// <param name="Nix">Its version; absent when it does not answer.</param>
/// <param name="Sets">The package sets.</param>
/// <param name="Failures">Of builds and evaluations, the latest first.</param>
internal sealed record StatusReport(string? Nix, IReadOnlyList<SetReport> Sets, IReadOnlyList<RecentFailure> Failures);

internal sealed record SetReport(string? Name, string Source, IReadOnlyList<PinReport> Pins);

internal sealed record PinReport(string Tag, string? Revision, long? AgeSeconds, string? Failure, DateTimeOffset? FailedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;

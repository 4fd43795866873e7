using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Nixery.Server.Versions;

namespace Nixery.Server.Sight;

/// <summary>
/// <c>/healthz</c>: the process answers; whoever gets no answer should start it anew. <c>/readyz</c>: whether it is to be sent clients,
/// 200 or 503, and how each thing is that it needs. Both are answered from memory.
/// </summary>
internal static class HealthPages
{
    public static Task AnswerAliveAsync(HttpContext context) => WriteAsync(
        context,
        StatusCodes.Status200OK,
        new AliveReport("alive", Revision.Current.Text, Revision.Current.Number, Revision.Current.Commit),
        HealthJson.Default.AliveReport);

    public static Task AnswerReadyAsync(HttpContext context)
    {
        var readiness = context.RequestServices.GetRequiredService<Readiness>();
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var states = readiness.States;
        var (status, word) = StatusOf(readiness.IsDraining, states);
        var checks = states.ToDictionary(s => s.Name, s => new CheckReport(NameOf(s.Answer.State), (long)(now - s.At).TotalSeconds, s.Answer.Problem));
        return WriteAsync(context, status, new ReadyReport(word, Revision.Current.Text, checks), HealthJson.Default.ReadyReport);
    }

    /// <summary>One word for all of it, and whether clients are to be sent here.</summary>
    internal static (int Status, string Word) StatusOf(bool isDraining, IReadOnlyList<CheckedState> states) =>
        isDraining ? (StatusCodes.Status503ServiceUnavailable, "draining")
        : states.Any(s => s.IsVital && s.Answer.State is ReadyState.Unknown or ReadyState.Failed) ? (StatusCodes.Status503ServiceUnavailable, "not ready")
        : states.Any(s => s.Answer.State is ReadyState.Degraded or ReadyState.Failed) ? (StatusCodes.Status200OK, "degraded")
        : (StatusCodes.Status200OK, "ready");

    private static string NameOf(ReadyState state) => state switch
    {
        ReadyState.Ok => "ok",
        ReadyState.Degraded => "degraded",
        ReadyState.Failed => "failed",
        _ => "unknown",
    };

    private static async Task WriteAsync<T>(HttpContext context, int status, T report, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(report, type);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}

/// <param name="Revision">As <c>nixery --version</c> says it.</param>
/// <param name="Number">Commits along first parents; absent when the build could not count them.</param>
internal sealed record AliveReport(string Status, string Revision, int? Number, string? Commit);

internal sealed record ReadyReport(string Status, string Revision, IReadOnlyDictionary<string, CheckReport> Checks);

internal sealed record CheckReport(string State, long AgeSeconds, string? Problem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AliveReport))]
[JsonSerializable(typeof(ReadyReport))]
internal sealed partial class HealthJson : JsonSerializerContext;

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nixery.Server.Commands;

/// <summary>What verbs print where <c>--json</c> is given.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConfigReport))]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>For terminals and files, where a plus sign is one.</summary>
    public static ReportJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

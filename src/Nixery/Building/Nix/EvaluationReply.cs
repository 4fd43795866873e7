using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nixery.Building.Nix;

/// <summary>What <c>Evaluate.nix</c> prints.</summary>
internal sealed record EvaluationReply(
    long? LastModified, IReadOnlyList<AnswerReply> Answers, IReadOnlyDictionary<string, IReadOnlyList<string>> Siblings)
{
    /// <exception cref="JsonException">This is no such text.</exception>
    public static EvaluationReply Parse(string json) => JsonSerializer.Deserialize(json, EvaluationJson.Default.EvaluationReply)
        ?? throw new JsonException("the answer is null");
}

/// <summary>The answer to one name; which members are there depends on <see cref="Kind"/>.</summary>
internal sealed record AnswerReply(
    string Kind,
    string? Reached,
    string? Path,
    string? Name,
    string? Version,
    string? DrvPath,
    IReadOnlyList<OutputReply>? Outputs,
    string? MainProgram,
    string? Description,
    IReadOnlyList<string>? Licences,
    IReadOnlyList<string>? Providers);

internal sealed record OutputReply(string Name, string Path);

/// <summary>What <c>Evaluate.nix</c> is asked.</summary>
internal sealed record EvaluationRequest(
    SourceRequest Source,
    ConfigRequest Config,
    IReadOnlyList<string> Overlays,
    string System,
    IReadOnlyList<string> Names,
    bool Catching,
    bool Listing);

internal sealed record ConfigRequest(bool AllowUnfree, IReadOnlyList<string> AllowUnfreePackages, IReadOnlyList<string> PermittedInsecurePackages);

internal sealed record SourceRequest(string Kind, string? Path, string? Url, string? Commit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvaluationReply))]
[JsonSerializable(typeof(EvaluationRequest))]
internal sealed partial class EvaluationJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Nixery.Oci;

/// <summary>
/// https://github.com/opencontainers/image-spec/blob/main/config.md, properties in the order in which they are written.
/// </summary>
public sealed record ImageConfig(
    [property: JsonPropertyName("created")] string Created,
    [property: JsonPropertyName("architecture")] string Architecture,
    [property: JsonPropertyName("os")] string OperatingSystem,
    [property: JsonPropertyName("config")] ContainerConfig Config,
    [property: JsonPropertyName("rootfs")] RootFileSystem RootFileSystem,
    [property: JsonPropertyName("history")] IReadOnlyList<HistoryEntry> History);

/// <summary>What a container of the image is started with. Strict clients want these names in Pascal case.</summary>
public sealed record ContainerConfig(
    [property: JsonPropertyName("Env")] IReadOnlyList<string> Environment,
    [property: JsonPropertyName("Cmd")] IReadOnlyList<string>? Command,
    [property: JsonPropertyName("Labels")] IReadOnlyDictionary<string, string> Labels);

/// <summary>The bare tars, bottom first, by the digest of their uncompressed bytes.</summary>
public sealed record RootFileSystem(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("diff_ids")] IReadOnlyList<Digest> DiffIds);

/// <summary>One layer, for <c>docker history</c>.</summary>
public sealed record HistoryEntry(
    [property: JsonPropertyName("created")] string Created,
    [property: JsonPropertyName("created_by")] string CreatedBy);

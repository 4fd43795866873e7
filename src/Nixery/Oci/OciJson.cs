using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nixery.Oci;

/// <summary>
/// The JSON of manifests and configs: UTF-8, no white space, camel case, absent instead of null. The same values always
/// give the same bytes.
/// </summary>
internal static class OciJson
{
    /// <summary>The default encoder would write '+' of a media type as \u002B: right, and unlike every other registry.</summary>
    private static readonly OciJsonContext Plain = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static byte[] Write(ImageManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Plain.ImageManifest);

    public static byte[] Write(ImageConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, Plain.ImageConfig);

    /// <exception cref="JsonException">It is no manifest.</exception>
    public static ImageManifest? ReadManifest(ReadOnlySpan<byte> content) => JsonSerializer.Deserialize(content, Plain.ImageManifest);
}

[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class OciJsonContext : JsonSerializerContext;

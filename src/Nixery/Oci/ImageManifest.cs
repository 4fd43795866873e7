using System.Text.Json;

namespace Nixery.Oci;

/// <summary>
/// https://github.com/opencontainers/image-spec/blob/main/manifest.md, properties in the order in which they are written.
/// </summary>
public sealed record ImageManifest(int SchemaVersion, string MediaType, Descriptor Config, IReadOnlyList<Descriptor> Layers)
{
    /// <summary>Absent when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>
    /// The <c>mediaType</c> that a stored document says of itself, or null when it is no manifest that this registry makes.
    /// </summary>
    public static string? FindMediaType(ReadOnlySpan<byte> content)
    {
        try
        {
            var manifest = OciJson.ReadManifest(content);
            return MediaTypes.All.FirstOrDefault(t => t.Manifest == manifest?.MediaType)?.Manifest;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

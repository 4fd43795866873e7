namespace Nixery.Oci;

/// <summary>
/// https://github.com/opencontainers/image-spec/blob/main/manifest.md, properties in the order in which they are written.
/// </summary>
public sealed record ImageManifest(int SchemaVersion, string MediaType, Descriptor Config, IReadOnlyList<Descriptor> Layers);

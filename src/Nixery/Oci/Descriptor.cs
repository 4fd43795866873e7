namespace Nixery.Oci;

/// <summary>
/// Names some stored bytes: what they are, their digest and how many.
/// https://github.com/opencontainers/image-spec/blob/main/descriptor.md
/// </summary>
public sealed record Descriptor(string MediaType, Digest Digest, long Size);

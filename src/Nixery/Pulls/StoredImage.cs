using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>An image that is in the storage, by its manifest in either family of media types.</summary>
/// <param name="Oci">The OCI manifest.</param>
/// <param name="Docker">Docker's manifest.</param>
/// <param name="Blobs">What both name: the config, and the layers.</param>
public sealed record StoredImage(Descriptor Oci, Descriptor Docker, IReadOnlyList<StoredBlob> Blobs)
{
    /// <summary>All that a client may come for.</summary>
    public IEnumerable<StoredBlob> All() => Blobs.Append(Of(Oci)).Append(Of(Docker));

    private static StoredBlob Of(Descriptor descriptor) => new(descriptor.Digest, descriptor.Size);
}

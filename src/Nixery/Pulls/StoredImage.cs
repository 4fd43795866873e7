using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>An image that is in the storage, by its manifest in the families of media types that it has.</summary>
/// <param name="Oci">The OCI manifest.</param>
/// <param name="Docker">Docker's manifest; null where Docker's family has no type for the layers.</param>
/// <param name="Blobs">What both name: the config, and the layers.</param>
public sealed record StoredImage(Descriptor Oci, Descriptor? Docker, IReadOnlyList<StoredBlob> Blobs)
{
    /// <summary>
    /// Whether it was let go, or found damaged: then there is no such image until it is made again. The record stays, since it also says
    /// by which table the same bytes come out.
    /// </summary>
    public bool IsGone { get; init; }

    /// <summary>Null for an image of a version that did not write it down.</summary>
    public ImageLabel? Label { get; init; }

    /// <summary>All that a client may come for.</summary>
    public IEnumerable<StoredBlob> All() => IsGone ? [] : Docker is null ? Blobs.Append(Of(Oci)) : Blobs.Append(Of(Oci)).Append(Of(Docker));

    private static StoredBlob Of(Descriptor descriptor) => new(descriptor.Digest, descriptor.Size);
}

/// <summary>What an image is for those who keep the storage in order; pulls do not need it.</summary>
/// <param name="Name">By which it is pulled, in canonical form, with package set and platform.</param>
/// <param name="Revision">Of the package set.</param>
/// <param name="Table">The key, in hex, of the record that says which table it was planned with.</param>
public sealed record ImageLabel(string Name, string Revision, string Table);

using Nixery.Oci;

namespace Nixery.Pulls;

/// <summary>An image that is in the storage, by its manifest in either family of media types.</summary>
public sealed record StoredImage(Descriptor Oci, Descriptor Docker);

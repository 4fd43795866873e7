namespace Nixery.Oci;

/// <summary>
/// The two families of media types that clients know. An image uses one family throughout: containers/image refuses
/// Docker manifests with OCI layers.
/// </summary>
public sealed record MediaTypes(string Manifest, string Config, string Layer)
{
    public static readonly MediaTypes Oci = new(
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar+gzip");

    public static readonly MediaTypes Docker = new(
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip");

    /// <summary>As <see cref="Oci"/> with other layers. Docker's family has no type for layers of zstd.</summary>
    public static readonly MediaTypes OciZstd = Oci with { Layer = "application/vnd.oci.image.layer.v1.tar+zstd" };

    public static readonly IReadOnlyList<MediaTypes> All = [Oci, Docker];
}

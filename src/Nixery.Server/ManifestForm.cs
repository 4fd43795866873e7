using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Nixery.Oci;
using Nixery.Pulls;

namespace Nixery.Server;

/// <summary>Chooses between the two forms of a manifest: OCI's, and Docker's for a client that names only Docker's types.</summary>
internal static class ManifestForm
{
    /// <summary>What a client is told that takes Docker's form alone, which cannot name layers of zstd.</summary>
    public const string OciAlone =
        "this registry packs layers by zstd (Nixery:Packing:Encoder), which only OCI manifests can say, and this client takes Docker's alone; docker 23, podman and containerd 1.5 and newer ones can";

    private static readonly string[] OciTypes =
    [
        MediaTypes.Oci.Manifest, "application/vnd.oci.image.index.v1+json", "application/*", "application/json", "*/*",
    ];

    /// <returns>Null where the client takes no form that the image has.</returns>
    public static Descriptor? Choose(StoredImage image, StringValues accept)
    {
        // An Accept that cannot be read says nothing.
        var types = MediaTypeHeaderValue.TryParseList(accept, out var parsed) ? parsed : [];
        var names = types.Where(t => t.Quality is not 0).Select(t => t.MediaType.ToString()).ToList();
        var wantsDocker = names.Contains(MediaTypes.Docker.Manifest, StringComparer.OrdinalIgnoreCase)
            && !names.Intersect(OciTypes, StringComparer.OrdinalIgnoreCase).Any();
        return wantsDocker ? image.Docker : image.Oci;
    }
}

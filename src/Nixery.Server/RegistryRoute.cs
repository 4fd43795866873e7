using Nixery.Images;
using Nixery.Oci;

namespace Nixery.Server;

/// <summary>
/// What a path below <c>/v2</c> asks for. Read from the right end, since a name may hold the words <c>manifests</c> and
/// <c>blobs</c> itself.
/// </summary>
internal abstract record RegistryRoute
{
    private RegistryRoute()
    {
    }

    /// <summary><c>/v2/</c>: is this a registry?</summary>
    public sealed record Ping : RegistryRoute;

    public sealed record ManifestByTag(ImageName Name, Tag Tag) : RegistryRoute;

    public sealed record ManifestByDigest(ImageName Name, Digest Digest) : RegistryRoute;

    public sealed record Blob(ImageName Name, Digest Digest) : RegistryRoute;

    /// <summary>The path is of a known shape with a word in it that cannot be.</summary>
    public sealed record Malformed(OciError Error) : RegistryRoute;

    /// <summary>No path of a registry.</summary>
    public sealed record Nothing : RegistryRoute;

    /// <param name="path">The path as it was sent, undecoded, without query; begins with <c>/v2</c>.</param>
    public static RegistryRoute Parse(string path)
    {
        if (path is "/v2" or "/v2/")
        {
            return new Ping();
        }

        // No name, tag or digest needs an escape; whoever sends one means to smuggle something.
        if (path.Contains('%', StringComparison.Ordinal))
        {
            return new Malformed(OciError.NameInvalid("a path of this registry has no percent-encoded characters"));
        }

        var segments = path["/v2/".Length..].Split('/');
        return segments is [.. var name, var kind and ("manifests" or "blobs"), var reference]
            ? ParseObject(string.Join('/', name), kind, reference)
            : new Nothing();
    }

    private static RegistryRoute ParseObject(string nameText, string kind, string reference)
    {
        if (!ImageName.TryParse(nameText, out var name, out var problem))
        {
            return new Malformed(OciError.NameInvalid(problem));
        }

        return (kind, reference.Contains(':', StringComparison.Ordinal)) switch
        {
            ("blobs", _) => ParseDigest(reference, digest => new Blob(name, digest)),
            (_, true) => ParseDigest(reference, digest => new ManifestByDigest(name, digest)),
            _ => Tag.TryParse(reference, out var tag)
                ? new ManifestByTag(name, tag)
                : new Malformed(OciError.ManifestUnknown("a tag is at most 128 characters of a-z, A-Z, 0-9, '_', '.' and '-'")),
        };
    }

    private static RegistryRoute ParseDigest(string text, Func<Digest, RegistryRoute> found) => Digest.TryParse(text, out var digest)
        ? found(digest)
        : new Malformed(OciError.DigestInvalid("a digest is 'sha256:' and 64 lower-case hexadecimal digits"));
}

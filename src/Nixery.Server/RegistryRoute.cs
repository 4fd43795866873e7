using Nixery.Images;
using Nixery.Oci;
using Nixery.Server.Errors;

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

    public sealed record Tags(ImageName Name) : RegistryRoute;

    /// <summary>What refers to a manifest.</summary>
    public sealed record Referrers(ImageName Name) : RegistryRoute;

    /// <summary><c>/v2/_catalog</c>: no name can begin with '_'.</summary>
    public sealed record Catalog : RegistryRoute;

    /// <summary>The path is of a known shape with a word in it that cannot be.</summary>
    public sealed record Malformed(OciError Error) : RegistryRoute
    {
        public static readonly Malformed NoDigest = new(OciError.DigestInvalid("a digest is 'sha256:' and 64 lower-case hexadecimal digits"));
    }

    /// <summary>No path of a registry.</summary>
    public sealed record Nothing : RegistryRoute;

    /// <param name="path">The path as it was sent, undecoded, without query; begins with <c>/v2</c>.</param>
    public static RegistryRoute Parse(string path)
    {
        if (path is "/v2" or "/v2/")
        {
            return new Ping();
        }

        if (path == "/v2/_catalog")
        {
            return new Catalog();
        }

        // No name, tag or digest needs an escape; whoever sends one means to smuggle something.
        if (path.Contains('%', StringComparison.Ordinal))
        {
            return new Malformed(OciError.NameInvalid("a path of this registry has no percent-encoded characters"));
        }

        return path["/v2/".Length..].Split('/') switch
        {
            [.. var name, "tags", "list"] => ParseName(name, parsed => new Tags(parsed)),
            [.. var name, "referrers", var digest] => ParseName(name, parsed => ParseReferrers(parsed, digest)),
            [.. var name, "blobs", var digest] => ParseName(name, parsed => ParseDigest(digest, OciError.BlobUnknown, found => new Blob(parsed, found))),
            [.. var name, "manifests", var reference] => ParseName(name, parsed => ParseManifest(parsed, reference)),
            _ => new Nothing(),
        };
    }

    private static RegistryRoute ParseName(string[] components, Func<ImageName, RegistryRoute> found) =>
        ImageName.TryParse(string.Join('/', components), out var name, out var problem)
            ? found(name)
            : new Malformed(OciError.NameInvalid(problem));

    private static RegistryRoute ParseManifest(ImageName name, string reference) =>
        reference.Contains(':', StringComparison.Ordinal) ? ParseDigest(reference, OciError.ManifestUnknown, digest => new ManifestByDigest(name, digest))
        : Tag.TryParse(reference, out var tag) ? new ManifestByTag(name, tag)
        : new Malformed(OciError.ManifestUnknown("a tag is at most 128 characters of a-z, A-Z, 0-9, '_', '.' and '-'"));

    private static RegistryRoute ParseReferrers(ImageName name, string digest) =>
        Digest.IsWellFormed(digest) ? new Referrers(name) : Malformed.NoDigest;

    /// <param name="unknown">Of what is well formed and cannot be here.</param>
    private static RegistryRoute ParseDigest(string text, Func<string, OciError> unknown, Func<Digest, RegistryRoute> found) =>
        Digest.TryParse(text, out var digest) ? found(digest)
        : Digest.IsWellFormed(text) ? new Malformed(unknown("this registry names what it has by sha256 alone"))
        : Malformed.NoDigest;
}

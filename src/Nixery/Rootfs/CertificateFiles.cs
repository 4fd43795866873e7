namespace Nixery.Rootfs;

/// <summary>
/// The bundle of certificate authorities under every name that programs have compiled in, when an output has one.
/// The list is that of Go's crypto/x509 (root_linux.go) and OpenSSL's cert.pem: Debian, Alpine and BSD, Fedora old and new.
/// </summary>
internal static class CertificateFiles
{
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private static readonly string[] Names =
    [
        "etc/ssl/certs/ca-bundle.crt",
        "etc/ssl/certs/ca-certificates.crt",
        "etc/ssl/cert.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ];

    /// <summary>Nothing without a bundle. The first output that has one is it; nixpkgs' name is looked for before Debian's.</summary>
    public static RootEntry[] For(IReadOnlyList<OutputTree> outputs)
    {
        var bundle = Names.Take(2)
            .SelectMany(name => outputs.Where(o => o.HasFile(name)).Select(o => $"{o.Path}/{name}"))
            .FirstOrDefault();
        return bundle is null
            ? []
            : [.. Names.SelectMany(Parents).Distinct().Select(d => new RootEntry.Directory(d, Open)), .. Names.Select(n => new RootEntry.Link(n, bundle))];
    }

    // "etc" itself is of every image.
    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > "etc".Length; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }
}

namespace Nixery.Images;

/// <summary>
/// Names that stand for something other than one package, in any position of an image name. docs/images.md lists them;
/// a test holds the two together.
/// </summary>
public static class MetaPackages
{
    /// <summary>Brings bash as the command that a container starts with.</summary>
    public const string Shell = "shell";

    /// <summary>What every image has, where the package set has it: certificates, and the names of ports and protocols.</summary>
    public static readonly IReadOnlyList<PackageName> Base = Names("cacert", "iana-etc");

    private static readonly string[] ShellPackages = ["bashinteractive", "coreutils", "moreutils", "nano"];

    private static readonly string[] PosixPackages =
    [
        .. ShellPackages,
        "diffutils", "file", "findutils", "gawk", "gnugrep", "gnupatch", "gnused", "gnutar", "gzip", "less", "procps", "which", "xz",
    ];

    private static readonly string[] DebugPackages =
    [
        .. PosixPackages,
        "curl", "dnsutils", "iproute2", "iputils", "jq", "lsof", "netcat", "strace", "tcpdump", "vim",
    ];

    /// <summary>Presets by name; each has a shell.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<PackageName>> Presets =
        new SortedDictionary<string, IReadOnlyList<PackageName>>(StringComparer.Ordinal)
        {
            [Shell] = Names(ShellPackages),
            ["posix"] = Names(PosixPackages),
            ["debug"] = Names(DebugPackages),
        };

    /// <summary>Names that choose what the image runs on. Without one of them it is <see cref="Platform.Amd64"/>.</summary>
    public static readonly IReadOnlyDictionary<string, Platform> Platforms =
        new SortedDictionary<string, Platform>(StringComparer.Ordinal)
        {
            ["amd64"] = Platform.Amd64,
            ["arm64"] = Platform.Arm64,
        };

    private static PackageName[] Names(params string[] names) => [.. names.Select(PackageName.Parse)];
}

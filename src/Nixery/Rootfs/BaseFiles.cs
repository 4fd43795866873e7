namespace Nixery.Rootfs;

/// <summary>
/// What every image has at <c>/</c> besides its packages. The directories are always real ones; each link and file gives way
/// to what an output has at its place. Why each of them is there: <c>docs/images.md</c>.
/// </summary>
internal sealed class BaseFiles
{
    /// <summary>The directory of the store itself: the layers of the store paths own it, no output may link into it.</summary>
    public const string StoreParent = "nix";

    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;
    private const UnixFileMode ReadOnly = (UnixFileMode)0b101_101_101;
    private const UnixFileMode OwnerOnly = (UnixFileMode)0b111_000_000;
    private const UnixFileMode Shared = (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit;
    private const UnixFileMode Plain = (UnixFileMode)0b110_100_100;

    private static readonly string[] Shells = ["bash", "dash", "busybox", "ksh", "mksh", "zsh"];

    private BaseFiles(IReadOnlyList<RootEntry> entries) => Entries = entries;

    /// <summary>In no particular order; the parent directory of each entry is among them.</summary>
    public IReadOnlyList<RootEntry> Entries { get; }

    /// <summary>The base files for an image of these outputs: what stands in <c>/bin</c> decides about <c>/bin/sh</c>.</summary>
    public static BaseFiles For(IReadOnlyList<OutputTree> outputs)
    {
        var shell = Shells.FirstOrDefault(name => outputs.Any(o => o.HasFile($"bin/{name}")));
        var hasShell = shell is not null || outputs.Any(o => o.HasFile("bin/sh"));
        RootEntry[] links = shell is null ? [] : [new RootEntry.Link("bin/sh", shell)];
        return new BaseFiles([.. Directories(), .. links, .. Users(hasShell ? "/bin/sh" : "/sbin/nologin"), .. Texts(), .. CertificateFiles.For(outputs)]);
    }

    private static RootEntry[] Directories() =>
    [
        new RootEntry.Directory("", Open),
        new RootEntry.Directory("bin", Open),
        new RootEntry.Directory("dev", Open),
        new RootEntry.Directory("etc", Open),
        new RootEntry.Directory(StoreParent, Open),
        new RootEntry.Directory($"{StoreParent}/store", Open),
        new RootEntry.Directory("proc", Open),
        new RootEntry.Directory("root", OwnerOnly),
        new RootEntry.Directory("run", Open),
        new RootEntry.Directory("sys", Open),
        new RootEntry.Directory("tmp", Shared),
        new RootEntry.Directory("usr", Open),
        new RootEntry.Link("usr/bin", "../bin"),
        new RootEntry.Directory("var", Open),
        new RootEntry.Directory("var/empty", ReadOnly),
        new RootEntry.Link("var/run", "../run"),
        new RootEntry.Directory("var/tmp", Shared),
    ];

    private static RootEntry[] Users(string shell) =>
    [
        new RootEntry.File("etc/passwd", $"""
            root:x:0:0:root:/root:{shell}
            nobody:x:65534:65534:nobody:/var/empty:{shell}

            """, Plain),
        new RootEntry.File("etc/group", """
            root:x:0:
            tty:x:5:
            nogroup:x:65534:
            nobody:x:65534:

            """, Plain),
    ];

    private static RootEntry[] Texts() =>
    [
        new RootEntry.File("etc/hosts", """
            127.0.0.1 localhost
            ::1 localhost

            """, Plain),
        new RootEntry.File("etc/nsswitch.conf", """
            passwd: files
            group: files
            hosts: files dns
            services: files
            protocols: files

            """, Plain),
        new RootEntry.File("etc/os-release", """
            NAME="Nixery"
            ID=nixery
            PRETTY_NAME="Nixery"

            """, Plain),
    ];
}

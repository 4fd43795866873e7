using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class RootOfImageTests(BundledServer bundled)
{
    private const int Limit = 180_000;

    /// <summary>The names of the CA bundle that docs/images.md promises.</summary>
    internal static readonly string[] CertificateBundles =
    [
        "etc/ssl/certs/ca-bundle.crt",
        "etc/ssl/certs/ca-certificates.crt",
        "etc/ssl/cert.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ];

    [Fact(Timeout = Limit)]
    public async Task Directories_have_the_modes_that_programs_count_on()
    {
        var root = await RootOfAsync(BundledServer.Image);

        ModeOf(root, "").Should().Be((UnixFileMode)0b111_101_101, "/ is 0755");
        ModeOf(root, "tmp").Should().Be((UnixFileMode)0b001_111_111_111, "/tmp is 1777");
        ModeOf(root, "var/tmp").Should().Be((UnixFileMode)0b001_111_111_111, "/var/tmp is 1777");
        ModeOf(root, "etc").Should().Be((UnixFileMode)0b111_101_101);
        ModeOf(root, "root").Should().Be((UnixFileMode)0b111_000_000);
    }

    [Fact(Timeout = Limit)]
    public async Task Files_that_programs_look_for_are_there()
    {
        var root = await RootOfAsync(BundledServer.Image);

        string[] expected = ["etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/os-release", "etc/services", "etc/protocols", "bin/sh", "bin/bash", "usr/bin/env", "bin/git", "bin/htop"];
        expected.Where(p => root.Resolve(p) is null or { IsDirectory: true }).Should().BeEmpty("all of these are files");
        root.Find("usr/bin").Should().Match<LayerEntry>(e => e.IsLink && e.LinkTarget == "../bin");
    }

    [Theory(Timeout = Limit)]
    [InlineData(BundledServer.Image)]
    [InlineData("htop")]
    public async Task Each_name_of_the_certificate_bundle_leads_to_it(string image)
    {
        var root = await RootOfAsync(image);

        CertificateBundles.Where(p => root.Resolve(p) is not { SizeBytes: > 0 }).Should().BeEmpty("all of these lead to the bundle");
    }

    [Theory(Timeout = Limit)]
    [InlineData(BundledServer.Image)]
    [InlineData("htop")]
    [InlineData("shell/curl")]
    public async Task No_link_outside_of_the_store_dangles(string image)
    {
        var root = await RootOfAsync(image);

        root.Paths.Where(p => !p.StartsWith("nix/", StringComparison.Ordinal) && root.Find(p)!.IsLink && root.Resolve(p) is null)
            .Should().BeEmpty();
        root.ChildrenOf("bin").Should().NotBeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task Without_coreutils_there_is_no_env_at_all()
    {
        var root = await RootOfAsync("htop");

        root.Find("bin/env").Should().BeNull();
        root.Resolve("usr/bin/env").Should().BeNull();
        root.Resolve("usr/bin/htop").Should().NotBeNull();
    }

    private async Task<MergedRoot> RootOfAsync(string image) => new(await bundled.PullAsync(image));

    private static UnixFileMode? ModeOf(MergedRoot root, string path) => root.Find(path) is { IsDirectory: true } entry ? entry.Mode : null;
}

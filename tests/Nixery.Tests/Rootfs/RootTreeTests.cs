using Nixery.Rootfs;

namespace Nixery.Tests.Rootfs;

public sealed class RootTreeTests
{
    private static readonly OutputTree Git = Trees.Output("git", "bin/git*", "share/git/hooks", "libexec/git/x*");
    private static readonly OutputTree Bash = Trees.Output("bash-5", "bin/bash*", "bin/sh -> bash", "share/man/bash.1");

    [Fact(Timeout = 60_000)]
    public async Task Links_that_lead_to_one_another_do_not_grow_without_end()
    {
        // Followed wherever they lead, these are 2^40 places.
        var bomb = Enumerable.Range(1, 40).SelectMany(i => new[] { $"s/d{i}/a -> ../d{i + 1}", $"s/d{i}/b -> ../d{i + 1}" }).Append("s/d41/end").ToArray();

        var root = await Task.Run(() => Of(Trees.Output("one", bomb), Trees.Output("three", bomb)));

        root.Entries.Count.Should().BeLessThan(1000);
    }

    [Fact]
    public void What_a_package_has_in_usr_bin_is_in_bin()
    {
        var odd = Trees.Output("odd", "usr/bin/odd*", "usr/bin/git*", "usr/share/odd");

        var root = Of(Git, odd);

        Target(root, "bin/odd").Should().Be($"{odd.Path}/usr/bin/odd");
        Target(root, "bin/git").Should().Be($"{Git.Path}/bin/git");
        Target(root, "usr/bin").Should().Be("../bin");
        Target(root, "usr/share").Should().Be($"{odd.Path}/usr/share");
    }

    [Fact]
    public void A_directory_of_one_output_is_one_link() =>
        Target(Of(Git, Bash), "libexec").Should().Be($"{Git.Path}/libexec");

    [Fact]
    public void A_directory_of_several_outputs_is_a_directory_of_links()
    {
        var root = Of(Git, Bash);

        Find(root, "share").Should().Be(new RootEntry.Directory("share", (UnixFileMode)0b111_101_101));
        Target(root, "share/git").Should().Be($"{Git.Path}/share/git");
        Target(root, "share/man").Should().Be($"{Bash.Path}/share/man");
    }

    [Fact]
    public void Bin_is_a_directory_even_when_no_output_has_it() => Find(Of(), "bin").Should().BeOfType<RootEntry.Directory>();

    [Fact]
    public void The_first_output_wins_and_the_loser_is_told()
    {
        var other = Trees.Output("other", "bin/git*", "libexec");

        var root = Of(Git, other);

        Target(root, "bin/git").Should().Be($"{Git.Path}/bin/git");
        Target(root, "libexec").Should().Be($"{Git.Path}/libexec");
        root.Conflicts.Should().Equal(
            new RootConflict("bin/git", Git.Path, other.Path), new RootConflict("libexec", Git.Path, other.Path));
    }

    [Fact]
    public void A_link_to_a_directory_of_the_same_output_counts_as_that_directory()
    {
        var relative = Trees.Output("relative", "lib/a", "lib64 -> lib");
        var absolute = Trees.Output("absolute", "lib/b", $"lib64 -> {Trees.Path("absolute")}/lib");

        var root = Of(relative, absolute);

        Target(root, "lib64/a").Should().Be($"{relative.Path}/lib64/a");
        Target(root, "lib64/b").Should().Be($"{absolute.Path}/lib64/b");
        root.Conflicts.Should().BeEmpty();
    }

    [Fact]
    public void A_link_that_leads_round_in_a_circle_stays_a_link()
    {
        string[] circle = ["x/self -> .", "x/up -> ..", "y -> z", "z -> y"];
        var root = Of(Trees.Output("one", circle), Trees.Output("three", circle));

        Target(root, "x/self").Should().Be($"{Trees.Path("one")}/x/self");
        root.Conflicts.Select(c => c.Path).Should().Equal("x/self", "x/up", "y", "z");
    }

    [Fact]
    public void A_link_out_of_the_output_is_a_leaf()
    {
        var out1 = Trees.Output("out1", $"share -> {Git.Path}/share");

        Of(out1, Git).Conflicts.Should().Equal(new RootConflict("share", out1.Path, Git.Path));
    }

    [Fact]
    public void Notes_of_nix_builds_and_outputs_that_are_files_give_nothing()
    {
        var file = new OutputTree(Trees.Path("file"), new StoreTree.File(executable: true));
        var notes = Trees.Output("notes", "nix-support/propagated-build-inputs");

        Of(file, notes).Entries.Should().Equal(Of().Entries);
    }

    [Fact]
    public void No_output_links_into_the_store()
    {
        var evil = Trees.Output("evil", "nix/store/x*");

        var root = Of(evil);

        root.Entries.Where(e => e.Path.StartsWith("nix", StringComparison.Ordinal)).Select(e => e.Path).Should().Equal("nix", "nix/store");
        root.Conflicts.Should().Equal(new RootConflict("nix", null, evil.Path));
    }

    [Fact]
    public void A_file_where_every_image_has_a_directory_is_left_out_and_told()
    {
        var odd = Trees.Output("odd", "tmp");

        Of(odd).Conflicts.Should().Equal(new RootConflict("tmp", null, odd.Path));
    }

    [Fact]
    public void A_package_gets_its_own_passwd()
    {
        var users = Trees.Output("users", "etc/passwd");

        var root = Of(users);

        Target(root, "etc/passwd").Should().Be($"{users.Path}/etc/passwd");
        root.Conflicts.Should().BeEmpty();
    }

    [Theory]
    [InlineData("bin/bash*", "bash")]
    [InlineData("bin/busybox*", "busybox")]
    [InlineData("bin/zsh*", "zsh")]
    public void Sh_is_a_shell_that_is_there(string line, string target) => Target(Of(Trees.Output("shell", line)), "bin/sh").Should().Be(target);

    [Fact]
    public void Sh_of_a_package_stays()
    {
        Target(Of(Bash), "bin/sh").Should().Be($"{Bash.Path}/bin/sh");
        Text(Of(Bash), "etc/passwd").Should().Contain("root:x:0:0:root:/root:/bin/sh\n");
    }

    [Fact]
    public void Without_a_shell_there_is_no_sh()
    {
        var root = Of(Git, Trees.Output("dangling", "bin/bash -> gone"));

        root.Entries.Should().NotContain(e => e.Path == "bin/sh");
        Text(root, "etc/passwd").Should().Contain("root:x:0:0:root:/root:/sbin/nologin\n");
    }

    [Fact]
    public void A_shell_in_sbin_like_places_is_found_through_links() =>
        Target(Of(Trees.Output("links", "libexec/bash*", "bin/bash -> ../libexec/bash")), "bin/sh").Should().Be("bash");

    [Theory]
    [InlineData("etc/ssl/certs/ca-bundle.crt")]
    [InlineData("etc/ssl/certs/ca-certificates.crt")]
    public void A_bundle_stands_under_every_name(string own)
    {
        var cacert = Trees.Output("cacert", own, "etc/ssl/trust-source/x");
        var root = Of(cacert);

        string[] names =
        [
            "etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt", "etc/ssl/cert.pem",
            "etc/pki/tls/certs/ca-bundle.crt", "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ];
        names.Select(n => Target(root, n)).Should().AllBe($"{cacert.Path}/{own}");
    }

    [Fact]
    public void Without_a_bundle_there_are_no_certificate_names() => Of(Git).Entries.Should().NotContain(e => e.Path.StartsWith("etc/ssl", StringComparison.Ordinal));

    [Fact]
    public void A_root_with_shell_and_git_looks_like_this()
    {
        var coreutils = Trees.Output("coreutils-full", "bin/coreutils*", "bin/env -> coreutils", "bin/ls -> coreutils", "share/man/ls.1");
        var nano = Trees.Output("nano-8.2", "bin/nano*", "bin/rnano -> nano", "etc/nanorc", "share/nano/c.nanorc", "share/man/nano.1");
        var cacert = Trees.Output("nss-cacert", "etc/ssl/certs/ca-bundle.crt");
        var iana = Trees.Output("iana-etc", "etc/services", "etc/protocols");
        var moreutils = Trees.Output("moreutils", "bin/ts*", "bin/ls*", "sbin -> bin");

        var root = Of(Bash, cacert, coreutils, Git, iana, moreutils, nano);

        TestFiles.ShouldBeGolden(
            string.Concat(root.Entries.Select(Line).Concat(root.Conflicts.Select(c => $"{c}")).Select(l => $"{l}\n")), "root-shell-git.txt");
    }

    private static string Line(RootEntry entry) => entry switch
    {
        RootEntry.Directory directory => $"{Convert.ToString((int)directory.Mode, 8),5} /{directory.Path}",
        RootEntry.Link link => $" link /{link.Path} -> {link.Target}",
        RootEntry.File file => $"{Convert.ToString((int)file.Mode, 8),5} /{file.Path}\n{file.Text.TrimEnd()}".Replace("\n", "\n        | ", StringComparison.Ordinal),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static RootTree Of(params OutputTree[] outputs) => RootTree.Of(outputs, BaseFiles.For(outputs));

    private static RootEntry Find(RootTree root, string path) => root.Entries.Single(e => e.Path == path);

    private static string Target(RootTree root, string path) => Find(root, path).Should().BeOfType<RootEntry.Link>().Which.Target;

    private static string Text(RootTree root, string path) => Find(root, path).Should().BeOfType<RootEntry.File>().Which.Text;
}

using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Nixery.EndToEnd.Infrastructure;
using Nixery.Tests.Sources;

namespace Nixery.EndToEnd;

/// <summary>Channels and repositories, with the real Nix and the real git: what is known stays up when they do not.</summary>
public sealed class SourceTests : IDisposable
{
    private const int Limit = 240_000;
    private static readonly string Old = new('a', 40);
    private static readonly string New = new('b', 40);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_channel_is_followed_and_a_revision_that_cannot_be_used_leaves_the_old_one_in_place()
    {
        await using var host = new ChannelHost();
        var (revision, tarballs) = (Old, new Dictionary<string, string> { [Old] = Tarball("old") });
        host.Answer = asked => asked.EndsWith("/git-revision", StringComparison.Ordinal) ? ChannelHost.Says("200 OK", revision + "\n")
            : tarballs.TryGetValue(asked[(asked.LastIndexOf('/') + 1)..].Replace(".tar.gz", "", StringComparison.Ordinal), out var tarball)
                ? ChannelHost.Says("200 OK", tarball) : ChannelHost.Says("404 Not Found", "no");
        await using var server = await RunningServer.StartAsync(_folder.Path, Channel(host));
        using var client = server.CreateClient();
        var old = await client.ManifestAsync("tool");
        old.Status.Should().Be(200, old.Text);

        // Half a tarball: the old revision serves, what is broken is not remembered, and the status says why.
        (revision, tarballs[New]) = (New, Tarball("new")[..100]);
        // Only a tag that is used is looked up again.
        await Eventually.Async(
            async () => (await client.ManifestAsync("tool")).Status == 200 && (await StatusAsync(client)).Contains("is not taken into use", StringComparison.Ordinal),
            "the new revision is refused");
        (await client.ManifestAsync("tool")).Digest.Should().Be(old.Digest);
        (await client.ManifestAsync("tool/tool2")).Status.Should().Be(200, "the old revision goes on building, too");

        tarballs[New] = Tarball("new");
        await Eventually.Async(async () => (await client.ManifestAsync("tool")).Digest != old.Digest, "the new revision serves");
        (await client.ManifestAsync("tool", reference: Old)).Digest.Should().Be(old.Digest);

        // The host goes away: what is known stays, by tag, by pin and by digest.
        await host.DisposeAsync();
        (await client.ManifestAsync("tool")).Status.Should().Be(200);
        (await client.ManifestAsync("tool", reference: old.Digest!)).Body.Should().Equal(old.Body);
    }

    [Fact(Timeout = Limit)]
    public async Task A_known_image_of_a_channel_that_may_move_starts_no_process()
    {
        await using var host = new ChannelHost();
        var tarball = Tarball("moving");
        host.Answer = asked => ChannelHost.Says("200 OK", asked.EndsWith("/git-revision", StringComparison.Ordinal) ? Old : tarball);
        var nix = new WatchedNix(_folder.Path);
        var environment = new Dictionary<string, string?>(Channel(host)) { ["PATH"] = nix.Environment["PATH"] };
        await using var server = await RunningServer.StartAsync(_folder.Path, environment);
        using var client = server.CreateClient();
        (await client.ManifestAsync("tool")).Status.Should().Be(200);
        var (calls, looks) = (nix.Calls, host.Asked.Count);

        // Beyond the time of a pin, so that the channel was looked up again meanwhile.
        await Eventually.Async(async () => (await client.ManifestAsync("tool")).Status == 200 && host.Asked.Count >= looks + 2, "the channel is looked up again");

        nix.Calls.Should().Equal(calls);
    }

    [Fact(Timeout = Limit)]
    public async Task A_first_tarball_that_is_cut_is_a_clear_fault_and_a_whole_one_works_after_it()
    {
        await using var host = new ChannelHost();
        var tarball = Tarball("whole");
        var cut = true;
        host.Answer = asked => asked.EndsWith("/git-revision", StringComparison.Ordinal)
            ? ChannelHost.Says("200 OK", Old)
            : ChannelHost.Says("200 OK", cut ? tarball[..(tarball.Length / 2)] : tarball);
        await using var server = await RunningServer.StartAsync(_folder.Path, Channel(host));
        using var client = server.CreateClient();

        var broken = await client.ManifestAsync("tool");
        cut = false;
        var whole = await client.ManifestAsync("tool");

        broken.Status.Should().Be(503, broken.Text);
        broken.RetryAfter.Should().BePositive();
        whole.Status.Should().Be(200, whole.Text);
    }

    [Fact(Timeout = Limit)]
    public async Task A_repository_that_is_gone_leaves_what_is_known_after_a_restart_too()
    {
        var repository = _folder.Inner("packages.git");
        await GitAsync("init", "-q", "-b", "main", repository);
        await CommitAsync(repository, "one");
        await GitAsync("-C", repository, "branch", "feature/x");
        var environment = new Dictionary<string, string?>
        {
            ["NIXERY_PKGS_PATH"] = "",
            ["NIXERY_PKGS_REPO"] = $"file://{repository}",
            ["Nixery__Source__StatePath"] = _folder.Inner("state"),
            ["Nixery__Source__PinFor"] = "00:00:01",
        };
        Answer latest, feature;
        await using (var server = await RunningServer.StartAsync(_folder.Path, environment))
        {
            using var client = server.CreateClient();
            feature = await client.ManifestAsync("tool", reference: "feature--x");
            await CommitAsync(repository, "two");
            await Eventually.Async(async () => (await client.ManifestAsync("tool")).Digest != feature.Digest, "the moved branch is seen");
            latest = await client.ManifestAsync("tool");
            await server.StopAsync();
        }

        Directory.Delete(repository, recursive: true);
        await using var restarted = await RunningServer.StartAsync(_folder.Path, environment);
        using var again = restarted.CreateClient();

        feature.Status.Should().Be(200, feature.Text);
        (await again.ManifestAsync("tool")).Digest.Should().Be(latest.Digest);
        (await again.ManifestAsync("tool", reference: "feature--x")).Digest.Should().Be(feature.Digest);
        (await again.ManifestAsync("tool", reference: latest.Digest!)).Body.Should().Equal(latest.Body);
        (await StatusAsync(again)).Should().Contain("\"failure\":");
    }

    private static Dictionary<string, string?> Channel(ChannelHost host) => new()
    {
        ["NIXERY_PKGS_PATH"] = "",
        ["NIXERY_CHANNEL"] = "nixos-test",
        ["Nixery__Source__ChannelsAddress"] = host.Address.AbsoluteUri,
        ["Nixery__Source__TarballsAddress"] = host.Address.AbsoluteUri,
        ["Nixery__Source__TryFirst__0"] = "tool",
        ["Nixery__Source__PinFor"] = "00:00:01",
        ["Nixery__Source__UnknownFor"] = "00:00:01",
    };

    private static string SetOf(string word) => $$"""
        { system, ... }:
        let
          build = name: derivation {
            inherit name system;
            builder = "/bin/sh";
            args = [ "-c" "echo {{word}} > $out; exit 0" ];
          };
        in
        { tool = build "tool-1.0"; tool2 = build "tool2-1.0"; }
        """;

    /// <summary>As a host of archives gives it: one folder with the set in it. One character a byte.</summary>
    private static string Tarball(string word)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "packages/default.nix") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(SetOf(word))) });
        }

        return Encoding.Latin1.GetString(bytes.ToArray());
    }

    private static async Task<string> StatusAsync(RegistryClient client) => (await client.GetAsync("/status", null, CancellationToken.None)).Text;

    private async Task CommitAsync(string repository, string word)
    {
        await File.WriteAllTextAsync(Path.Combine(repository, "default.nix"), SetOf(word));
        await GitAsync("-C", repository, "add", "default.nix");
        await GitAsync("-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", word);
    }

    private static async Task GitAsync(params string[] arguments) => (await Programs.RunAsync("git", arguments)).Succeeded();
}

using System.Net.Sockets;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>A server that is killed while it puts an image into a bucket, of an S3 server that others wrote.</summary>
public sealed class BucketKillTests : IDisposable
{
    private const string Image = "noise";

    /// <summary>
    /// 36 MB that nothing compresses, so that they go up in several parts, and the same on every machine: Marsaglia's xorshift.
    /// </summary>
    private const string PackageSet = """
        { system, ... }: {
          noise = derivation {
            name = "noise-1.0";
            inherit system;
            builder = "/bin/sh";
            args = [ "-c" "PATH=/usr/bin:/bin; perl -e 'my $x = 1; for (1 .. 9_000_000) { $x ^= ($x << 13) & 0xffffffff; $x ^= $x >> 17; $x ^= ($x << 5) & 0xffffffff; print pack q(L), $x }' > $out" ];
          };
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 300_000)]
    public async Task Killed_at_any_moment_of_its_uploads_it_leaves_nothing_in_sight_that_is_wrong()
    {
        var (digest, all) = await UploadAllAsync();
        all.Should().BeGreaterThan(36_000_000);

        var killedWhileUploading = 0;
        // Among the parts, and at the end, where small objects are: config, manifests, records.
        foreach (var moment in new[] { all / 10, all / 2, all * 9 / 10, all - 30_000, all - 12_000, all - 3_000 })
        {
            var bucket = await RealBucket.CreateAsync();
            killedWhileUploading += await KillAtAsync(moment, bucket) ? 1 : 0;

            await VerifyAsync(bucket);
            await RealBucket.EndLeasesAsync(bucket);
            await using var next = await StartAsync(bucket);
            using var client = next.CreateClient();
            var pulled = await client.PullAsync(Image, _folder.Inner($"pulled-{moment}"));
            pulled.CheckDigests();
            (await client.ManifestAsync(Image)).Digest.Should().Be(digest);
        }

        killedWhileUploading.Should().BeGreaterThanOrEqualTo(4, "or else this tests nothing; a server that renews a lease less sends less in all");
    }

    /// <returns>The image's digest, and how many bytes a server sends to the bucket for it.</returns>
    private async Task<(string Digest, long Bytes)> UploadAllAsync()
    {
        await using var relay = new HoldingRelay(RealBucket.Server, long.MaxValue);
        await using var server = await StartAsync(Through(relay, await RealBucket.CreateAsync()));
        using var client = server.CreateClient();
        var answer = await client.ManifestAsync(Image);
        answer.Status.Should().Be(200, answer.Text);
        return (answer.Digest!, relay.Sent);
    }

    /// <summary>When so many bytes have come to the bucket.</summary>
    /// <returns>Whether the image was not done.</returns>
    private async Task<bool> KillAtAsync(long moment, Dictionary<string, string?> bucket)
    {
        await using var relay = new HoldingRelay(RealBucket.Server, moment);
        await using var server = await StartAsync(Through(relay, bucket));
        using var client = server.CreateClient();
        var pull = client.ManifestAsync(Image);
        await Task.WhenAny(relay.Held, pull);
        var isUploading = !pull.IsCompleted;
        await server.KillAsync();
        await EndOfAsync(pull);
        return isUploading;
    }

    private Task<RunningServer> StartAsync(Dictionary<string, string?> bucket) => RunningServer.StartOnSetAsync(_folder.Path, PackageSet, bucket);

    private static Dictionary<string, string?> Through(HoldingRelay relay, Dictionary<string, string?> bucket) =>
        new(bucket)
        {
            ["Nixery__Storage__S3__Endpoint"] = relay.Address.AbsoluteUri,
            // How long a busy machine takes is not what is looked at here.
            ["Nixery__Storage__Patience"] = "00:02:00",
            ["Nixery__Storage__RequestTimeout"] = "00:02:00",
        };

    private async Task VerifyAsync(Dictionary<string, string?> bucket)
    {
        var verified = await RunningServer.RunVerbInAsync(_folder.Path, bucket, "verify");
        verified.ExitCode.Should().Be(0, verified.Output + verified.Errors);
        verified.Output.Should().EndWith(": 0 not right\n");
    }

    private static async Task EndOfAsync(Task<Answer> pull)
    {
        try
        {
            await pull;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            // Nobody is there to answer it.
        }
    }
}

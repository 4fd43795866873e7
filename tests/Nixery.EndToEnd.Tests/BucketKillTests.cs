using System.Net.Sockets;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>A server that is killed while it puts blobs into a bucket, of an S3 server that others wrote.</summary>
public sealed class BucketKillTests : IDisposable
{
    private const int Rounds = 10;
    private const string Image = "shell/git/htop/curl";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task Killed_while_it_uploads_it_leaves_nothing_in_sight_that_is_wrong()
    {
        var (bucket, killedWhileUploading) = (await RealBucket.CreateAsync(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            await using (var server = await RunningServer.StartAsync(_folder.Path, bucket))
            {
                using var client = server.CreateClient();
                var pull = client.ManifestAsync(Image);
                // Each round when so many blobs more have been spooled and, most of them, uploaded.
                var (seen, enough) = (new HashSet<string>(), 1 + (round * 2 % 9));
                await Eventually.Async(
                    () =>
                    {
                        seen.UnionWith(Spooled());
                        return pull.IsCompleted || seen.Count >= enough;
                    },
                    "it uploads");
                killedWhileUploading += !pull.IsCompleted && Spooled().Any() ? 1 : 0;
                await server.KillAsync();
                await EndOfAsync(pull);
            }

            await VerifyAsync(bucket);
            if (round % 5 == 4)
            {
                // When there is little left to upload, the next rounds begin anew.
                bucket = await RealBucket.CreateAsync();
            }
        }

        killedWhileUploading.Should().BeGreaterThan(Rounds / 2, "or else this tests nothing");
        await using var last = await RunningServer.StartAsync(_folder.Path, bucket);
        using var lastClient = last.CreateClient();
        (await lastClient.PullAsync(Image, _folder.Inner("pulled"))).CheckDigests();
        await VerifyAsync(bucket);
        (await RunningServer.RunVerbInAsync(_folder.Path, bucket, "gc", "--dry-run")).Succeeded().Output.Should().Contain("would be left");
    }

    private async Task VerifyAsync(Dictionary<string, string?> bucket)
    {
        var verified = await RunningServer.RunVerbInAsync(_folder.Path, bucket, "verify");
        verified.ExitCode.Should().Be(0, verified.Output + verified.Errors);
        verified.Output.Should().EndWith(": 0 not right\n");
    }

    /// <summary>Files may come and go while they are looked for.</summary>
    private IEnumerable<string> Spooled() =>
        new DirectoryInfo(Path.Combine(RunningServer.StorageOf(_folder.Path), "unfinished")) is { Exists: true } folder
            ? [.. folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Where(f => f.Extension != ".lock").Select(f => f.FullName)]
            : [];

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

using System.Net.Sockets;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class KillTests : IDisposable
{
    private const int Rounds = 20;
    private const string Image = "shell/git/htop/curl";

    private readonly TemporaryFolder _folder = new();

    private string Storage => RunningServer.StorageOf(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 400_000)]
    public async Task Killed_twenty_times_while_packing_it_serves_only_whole_blobs()
    {
        var (killedWhilePacking, killedWhileWriting) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await RunningServer.StartAsync(_folder.Path);
            CheckBlobs();
            CheckUnfinished();
            using var client = server.CreateClient();
            var before = Blobs().Count();
            var pull = client.ManifestAsync(Image);
            // Each round at another moment: after so many new blobs, with or without another one half written.
            var (enough, half) = (before + (round * 3 % 8), round % 3 != 0);
            await Eventually.Async(() => pull.IsCompleted || (Blobs().Count() >= enough && (!half || UnfinishedFiles().Any(HasBytes))), "it packs");
            killedWhilePacking += pull.IsCompleted ? 0 : 1;
            await server.KillAsync();
            await EndOfAsync(pull);
            killedWhileWriting += UnfinishedFiles().Any() ? 1 : 0;
            ForgetWhenPackedMostly();
        }

        killedWhilePacking.Should().BeGreaterThan(Rounds / 2, "or else this tests nothing");
        killedWhileWriting.Should().BeGreaterThan(Rounds / 4, "a half written blob is what must not be seen");
        await using var last = await RunningServer.StartAsync(_folder.Path);
        CheckBlobs();
        CheckUnfinished();
        using var lastClient = last.CreateClient();
        (await lastClient.PullAsync(Image, _folder.Inner("pulled"))).CheckDigests();
        CheckBlobs();
        Directory.EnumerateFiles(_folder.Inner("data/nixery/gcroots"), "*.lock").Should().ContainSingle("the roots of the killed are gone, too");
    }

    private IEnumerable<FileInfo> Blobs() => Files("blobs");

    private IEnumerable<FileInfo> UnfinishedFiles() => Files("unfinished").Where(f => f.Extension != ".lock");

    /// <summary>Files may come and go while they are looked for.</summary>
    private IEnumerable<FileInfo> Files(string kind)
    {
        var folder = new DirectoryInfo(Path.Combine(Storage, kind));
        return folder.Exists ? folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }) : [];
    }

    private static bool HasBytes(FileInfo file)
    {
        try
        {
            return file.Length > 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private void CheckBlobs()
    {
        foreach (var blob in Blobs())
        {
            using var content = blob.OpenRead();
            PulledImage.DigestOf(content).Should().Be("sha256:" + blob.Name, "a blob that can be seen is whole");
        }
    }

    /// <summary>The server that has just started has its own claim there, and nobody else has one.</summary>
    private void CheckUnfinished()
    {
        UnfinishedFiles().Should().BeEmpty();
        Directory.EnumerateFiles(Path.Combine(Storage, "unfinished"), "*.lock").Should().ContainSingle();
        Directory.EnumerateDirectories(Path.Combine(Storage, "unfinished")).Should().ContainSingle();
    }

    private static async Task EndOfAsync(Task<Answer> pull)
    {
        try
        {
            await pull;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            // Nobody is there to answer it; a SocketException comes unwrapped where the server ended while HttpClient connected.
        }
    }

    /// <summary>When there is little left to pack, the next rounds begin anew.</summary>
    private void ForgetWhenPackedMostly()
    {
        const int Mostly = 40;
        if (Blobs().Count() > Mostly)
        {
            Directory.Delete(Path.Combine(Storage, "records"), recursive: true);
            Directory.Delete(Path.Combine(Storage, "blobs"), recursive: true);
        }
    }
}

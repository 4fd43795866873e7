using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class FullDiskTests : IDisposable
{
    private const int Limit = 180_000;
    private const string Known = "jq";
    private const string New = "jq/curl";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task While_the_disk_is_full_or_read_only_stored_images_are_served_and_others_can_be_had_later()
    {
        await using var disk = await SmallDisk.MountAsync(RunningServer.StorageOf(_folder.Path), megabytes: 100);
        await using (var server = await RunningServer.StartAsync(_folder.Path))
        {
            using var client = server.CreateClient();
            (await client.PullAsync(Known, _folder.Inner("first"))).CheckDigests();

            disk.Fill();
            await ServesWhatIsStoredAsync(client, "full");
            disk.Free();
            await server.StopAsync();
        }

        // As if it had been copied: no server has looked at it yet.
        Directory.Delete(Path.Combine(RunningServer.StorageOf(_folder.Path), "records", "probe"), recursive: true);
        await disk.RemountAsync(readOnly: true);
        await using var another = await RunningServer.StartAsync(_folder.Path);
        using var next = another.CreateClient();
        await ServesWhatIsStoredAsync(next, "read-only");
        another.Log.Should().Contain("images that are stored are served, and no others");
        await Eventually.Async(async () => (await ReadyAsync(next)).Text.Contains("\"storage\":{\"state\":\"degraded\"", StringComparison.Ordinal), "it was looked at");
        (await ReadyAsync(next)).Status.Should().Be(200, "clients are sent to what is stored");

        await disk.RemountAsync(readOnly: false);
        (await next.PullAsync(New, _folder.Inner("last"))).CheckDigests();
    }

    private static Task<Answer> ReadyAsync(RegistryClient client) => client.GetAsync("/readyz", null, CancellationToken.None);

    private async Task ServesWhatIsStoredAsync(RegistryClient client, string when)
    {
        (await client.PullAsync(Known, _folder.Inner(when))).CheckDigests();
        var refused = await client.ManifestAsync(New);
        refused.Status.Should().Be(503, when);
        refused.RetryAfter.Should().NotBeNull();
        foreach (var blob in Directory.EnumerateFiles(Path.Combine(RunningServer.StorageOf(_folder.Path), "blobs"), "*", SearchOption.AllDirectories))
        {
            await using var content = File.OpenRead(blob);
            PulledImage.DigestOf(content).Should().Be("sha256:" + Path.GetFileName(blob), when);
        }
    }
}

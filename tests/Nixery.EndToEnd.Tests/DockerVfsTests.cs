using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class DockerVfsTests(BundledServer bundled, VfsDocker docker) : IClassFixture<VfsDocker>
{
    private const int Limit = 120_000;
    private const string First = "htop";
    private const string Second = "jq";
    private const int ShortDigestCharacters = 12;

    [Fact(Timeout = Limit)]
    public async Task An_image_is_pulled_and_run_by_its_digest()
    {
        var digest = (await bundled.PullAsync(First)).ManifestDigest;
        var reference = $"{bundled.Server.Host}/{First}@{digest}";

        (await docker.RunAsync("pull", reference)).Succeeded().Output.Should().Contain($"Digest: {digest}");

        (await docker.RunContainerAsync(reference, [], "htop", "--version")).Succeeded().Output.Should().StartWith("htop 3.");
    }

    /// <summary>Docker takes a layer for known where all layers below it are those of an image that it has.</summary>
    [Fact(Timeout = Limit)]
    public async Task The_layers_that_two_images_begin_with_are_pulled_once()
    {
        var first = await bundled.PullAsync(First);
        var second = await bundled.PullAsync(Second);
        var shared = first.Layers.Zip(second.Layers).TakeWhile(l => l.First.Digest == l.Second.Digest).Select(l => ShortDigest(l.First)).ToList();
        shared.Should().NotBeEmpty("both need the C library");
        await PullAsync(First);

        var lines = (await PullAsync(Second)).Output.Split('\n');

        lines.Where(l => l.EndsWith(": Already exists", StringComparison.Ordinal)).Should().Equal(shared.Select(d => $"{d}: Already exists"));
        lines.Where(l => l.EndsWith(": Pull complete", StringComparison.Ordinal)).Should().HaveCount(second.Layers.Count - shared.Count);
    }

    private async Task<Ran> PullAsync(string image) => (await docker.RunAsync("pull", $"{bundled.Server.Host}/{image}")).Succeeded();

    private static string ShortDigest(PulledBlob layer) => layer.Digest["sha256:".Length..][..ShortDigestCharacters];
}

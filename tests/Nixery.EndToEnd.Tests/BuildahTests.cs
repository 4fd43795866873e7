using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class BuildahTests(BundledServer bundled, BuildahStore buildah) : IClassFixture<BuildahStore>
{
    private const int Limit = 120_000;
    private const string Image = "jq";

    private string Reference => $"{bundled.Server.Host}/{Image}";

    [Fact(Timeout = Limit)]
    public async Task An_image_is_pulled_by_its_digest()
    {
        var digest = (await bundled.PullAsync(Image)).ManifestDigest;

        (await buildah.PullAsync($"{Reference}@{digest}")).Succeeded();

        var inspected = await buildah.RunAsync("inspect", "--type", "image", "--format", "{{.FromImageDigest}}", $"{Reference}@{digest}");
        inspected.Succeeded().Output.Trim().Should().Be(digest);
    }

    [Fact(Timeout = Limit)]
    public async Task A_new_image_is_begun_from_one_of_ours()
    {
        var container = (await buildah.RunAsync("from", "--tls-verify=false", Reference)).Succeeded().Output.Trim().Split('\n')[^1];

        var ran = await buildah.RunAsync("run", "--isolation=chroot", container, "--", "jq", "--version");

        ran.Succeeded().Output.Should().StartWith("jq-1.");
    }
}

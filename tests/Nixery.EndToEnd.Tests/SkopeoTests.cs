using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class SkopeoTests(BundledServer bundled)
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task An_image_is_shown_with_its_digest_its_layers_and_its_tags()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        var shown = await AskAsync("inspect", BundledServer.Image);

        shown.GetProperty("Name").GetString().Should().Be($"{bundled.Server.Host}/{BundledServer.Image}");
        shown.GetProperty("Digest").GetString().Should().Be(image.ManifestDigest);
        shown.GetProperty("Architecture").GetString().Should().Be("amd64");
        Texts(shown, "Layers").Should().Equal(image.Layers.Select(l => l.Digest));
        Texts(shown, "RepoTags").Should().Contain("latest");
    }

    [Fact(Timeout = Limit)]
    public async Task Each_tag_that_is_shown_is_one_of_this_image()
    {
        var image = await bundled.PullAsync(BundledServer.Image);
        var revision = image.Manifest.GetProperty("annotations").GetProperty("org.opencontainers.image.revision").GetString();

        var tags = Texts(await AskAsync("inspect", BundledServer.Image), "RepoTags").ToList();

        // The folder's fingerprint is what "latest" is pinned to now.
        tags.Should().BeEquivalentTo("latest", revision);
        foreach (var tag in tags)
        {
            (await AskAsync("inspect", $"{BundledServer.Image}:{tag}")).GetProperty("Digest").GetString().Should().Be(image.ManifestDigest);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_tags_of_a_name_are_listed_without_a_pull()
    {
        var listed = await AskAsync("list-tags", "moreutils/htop");

        listed.GetProperty("Repository").GetString().Should().Be($"{bundled.Server.Host}/moreutils/htop");
        Texts(listed, "Tags").Should().Contain("latest");
    }

    [Fact(Timeout = Limit)]
    public async Task An_image_is_copied_by_its_digest()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        var copy = await bundled.CopyBySkopeoAsync($"{BundledServer.Image}@{image.ManifestDigest}");

        copy.ManifestDigest.Should().Be(image.ManifestDigest);
        copy.CheckDigests();
    }

    private async Task<JsonElement> AskAsync(string command, string image) =>
        JsonElement.Parse((await Programs.RunAsync("skopeo", command, "--tls-verify=false", $"docker://{bundled.Server.Host}/{image}")).Succeeded().Output);

    private static IEnumerable<string?> Texts(JsonElement parent, string name) => parent.GetProperty(name).EnumerateArray().Select(t => t.GetString());
}

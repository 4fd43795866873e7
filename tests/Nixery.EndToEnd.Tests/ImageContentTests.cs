using System.Text.RegularExpressions;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed partial class ImageContentTests(BundledServer bundled)
{
    private const int Limit = 180_000;

    [Fact(Timeout = Limit)]
    public async Task Each_blob_that_skopeo_copies_is_what_its_descriptor_says()
    {
        var image = await bundled.CopyBySkopeoAsync(BundledServer.Image);

        image.CheckDigests();
        image.Config.GetProperty("history").GetArrayLength().Should().Be(image.Layers.Count);
        image.Config.GetProperty("rootfs").GetProperty("type").GetString().Should().Be("layers");
        image.Config.GetProperty("architecture").GetString().Should().Be("amd64");
    }

    [Fact(Timeout = Limit)]
    public async Task Media_types_are_those_of_OCI()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        image.MediaType.Should().Be("application/vnd.oci.image.manifest.v1+json");
        image.ConfigBlob.MediaType.Should().Be("application/vnd.oci.image.config.v1+json");
        image.Layers.Select(l => l.MediaType).Distinct().Should().Equal("application/vnd.oci.image.layer.v1.tar+gzip");
    }

    [Fact(Timeout = Limit)]
    public async Task A_client_that_knows_only_Dockers_types_gets_these_throughout_with_the_same_layers()
    {
        using var client = bundled.Server.CreateClient();
        var answer = await client.ManifestAsync(BundledServer.Image, RegistryClient.Docker);
        var oci = await bundled.PullAsync(BundledServer.Image);
        var docker = await bundled.PullAsync(BundledServer.Image, RegistryClient.Docker);

        docker.CheckDigests();
        docker.MediaType.Should().Be(RegistryClient.Docker);
        docker.ConfigBlob.MediaType.Should().Be("application/vnd.docker.container.image.v1+json");
        docker.Layers.Select(l => l.MediaType).Distinct().Should().Equal("application/vnd.docker.image.rootfs.diff.tar.gzip");
        docker.ManifestDigest.Should().NotBe(oci.ManifestDigest);
        answer.Digest.Should().Be(docker.ManifestDigest);
        answer.ContentType.Should().Be(RegistryClient.Docker);
        docker.Layers.Select(l => (l.Digest, l.SizeBytes)).Should().Equal(oci.Layers.Select(l => (l.Digest, l.SizeBytes)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_manifest_is_found_by_its_digest_in_either_form()
    {
        using var client = bundled.Server.CreateClient();
        foreach (var accept in new[] { null, RegistryClient.Docker })
        {
            var byTag = await client.ManifestAsync(BundledServer.Image, accept);
            var byDigest = await client.ManifestAsync(BundledServer.Image, accept: null, byTag.Digest!);

            byDigest.Status.Should().Be(200);
            byDigest.Body.Should().Equal(byTag.Body);
            byDigest.ContentType.Should().Be(byTag.ContentType);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task GNU_tar_and_SharpZipLib_read_the_same_names_in_each_layer()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        foreach (var layer in image.Layers)
        {
            (await LayerTar.NamesByGnuTarAsync(layer)).Should().Equal(LayerTar.NamesBySharpZipLib(layer));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task No_entry_says_anything_of_the_machine_that_packed_it()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        var lines = new List<string>();
        foreach (var layer in image.Layers)
        {
            lines.AddRange(await LayerTar.LongListByGnuTarAsync(layer));
        }

        lines.Where(l => !AnonymousEntry().IsMatch(l)).Should().BeEmpty("an entry belongs to 0/0, has the time of the store and no leading slash");
    }

    [Fact(Timeout = Limit)]
    public async Task A_layer_names_each_path_once_and_parents_first()
    {
        var image = await bundled.PullAsync(BundledServer.Image);

        foreach (var names in image.Layers.Select(l => LayerTar.Read(l).Select(e => e.Name).ToList()))
        {
            names.Should().OnlyHaveUniqueItems();
            var seen = new HashSet<string>(StringComparer.Ordinal) { "" };
            foreach (var name in names)
            {
                seen.Should().Contain(Path.GetDirectoryName(name), "it is the parent of {0}", name);
                seen.Add(name);
            }
        }
    }

    [GeneratedRegex(@"^[-dl][rwxtST-]{9} 0/0 +[0-9]+ 1970-01-01 00:00:01 [^/]")]
    private static partial Regex AnonymousEntry();
}

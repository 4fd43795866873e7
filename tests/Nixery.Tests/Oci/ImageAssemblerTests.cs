using System.Text;
using System.Text.Json;
using Nixery.Images;
using Nixery.Oci;

namespace Nixery.Tests.Oci;

public sealed class ImageAssemblerTests
{
    private static readonly AssembledLayer[] Layers =
    [
        new(new WrittenLayer(Digest.Of([1]), 10, Digest.Of([2])), "glibc-2.38"),
        new(new WrittenLayer(Digest.Of([3]), 20, Digest.Of([4])), "nixery git"),
    ];

    private static readonly ImageContract Contract = new(
        DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        ["bash"],
        new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" })
    {
        Annotations = new Dictionary<string, string> { ["z"] = "26", ["B"] = "2", ["a"] = "1" },
    };

    [Fact]
    public void Config_and_manifests_are_these_bytes()
    {
        var image = ImageAssembler.Assemble(Platform.Arm64, Contract, Layers, LayerCompression.Gzip);

        TestFiles.ShouldBeGolden(
            string.Join('\n', new[] { image.Config, image.OciManifest, image.DockerManifest! }.Select(d => Encoding.UTF8.GetString(d.Content.Span))) + "\n",
            "oci",
            "assembled.txt");
    }

    [Fact]
    public void Each_document_is_named_by_its_own_digest_and_size()
    {
        var image = ImageAssembler.Assemble(Platform.Amd64, Contract, Layers, LayerCompression.Gzip);

        foreach (var document in new[] { image.Config, image.OciManifest, image.DockerManifest! })
        {
            document.Descriptor.Digest.Should().Be(Digest.Of(document.Content.Span));
            document.Descriptor.Size.Should().Be(document.Content.Length);
        }
    }

    [Fact]
    public void The_two_manifests_name_the_same_blobs_in_one_family_of_types_each()
    {
        var image = ImageAssembler.Assemble(Platform.Amd64, Contract, Layers, LayerCompression.Gzip);
        var oci = JsonDocument.Parse(image.OciManifest.Content).RootElement;
        var docker = JsonDocument.Parse(image.DockerManifest!.Content).RootElement;

        oci.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString())
            .Should().Equal(docker.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()));
        oci.GetProperty("config").GetProperty("digest").GetString().Should().Be(docker.GetProperty("config").GetProperty("digest").GetString());
        oci.GetRawText().Should().NotContain("docker");
        docker.GetRawText().Should().NotContain("oci");
    }
    [Fact]
    public void Layers_of_zstd_have_a_type_in_the_family_of_OCI_alone()
    {
        var image = ImageAssembler.Assemble(Platform.Amd64, Contract, Layers, LayerCompression.Zstd);

        JsonDocument.Parse(image.OciManifest.Content).RootElement.GetProperty("layers").EnumerateArray()
            .Select(l => l.GetProperty("mediaType").GetString()).Should().OnlyContain(t => t == "application/vnd.oci.image.layer.v1.tar+zstd");
        image.DockerManifest.Should().BeNull();
    }
}

using System.Text;
using Nixery.Oci;

namespace Nixery.Tests.Oci;

public sealed class DigestTests
{
    private const string OfNothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_digest_is_the_sha256_of_the_bytes() => Digest.Of([]).ToString().Should().Be(OfNothing);

    [Fact]
    public void A_digest_reads_back_what_it_writes() => Digest.Parse(OfNothing).Should().Be(Digest.Of([]));

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:abc")]
    [InlineData("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha256:E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85/")]
    [InlineData("sha256:../../../../etc/passwd")]
    public void Another_word_is_no_digest(string text) => Digest.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void A_manifest_says_its_own_type()
    {
        var config = new Descriptor(MediaTypes.Oci.Config, Digest.Of([]), 0);
        var manifest = OciJson.Write(new ImageManifest(2, MediaTypes.Oci.Manifest, config, []));

        ImageManifest.FindMediaType(manifest).Should().Be(MediaTypes.Oci.Manifest);
        Encoding.UTF8.GetString(manifest).Should().Be(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{OfNothing}}","size":0},"layers":[]}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"mediaType\":\"text/html\"}")]
    [InlineData("{\"mediaType\":7}")]
    [InlineData("\u001f\u008b")]
    public void What_is_no_manifest_has_no_type(string content) =>
        ImageManifest.FindMediaType(Encoding.UTF8.GetBytes(content)).Should().BeNull();
}

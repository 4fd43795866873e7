using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

public sealed class PackageKeyTests
{
    [Theory]
    [InlineData("git-2.39.5", "git")]
    [InlineData("openssl-3.0.13-bin", "openssl-bin")]
    [InlineData("openssl-3.0.13-dev", "openssl-dev")]
    [InlineData("gcc-12-base-12.2.0", "gcc")]
    [InlineData("bash", "bash")]
    [InlineData("python3-3.11.2-env", "python3")]
    [InlineData("nss-cacert-3.92", "nss-cacert")]
    [InlineData("libfoo-dev", "libfoo-dev")]
    public void The_key_is_the_name_without_its_version(string name, string key) => PackageKey.Of(name).Should().Be(key);

    [Fact]
    public void A_layer_key_depends_on_the_set_of_paths_and_the_packing()
    {
        var a = StorePath.Parse($"/nix/store/{new string('a', 32)}-a");
        var b = StorePath.Parse($"/nix/store/{new string('b', 32)}-b");

        LayerKey.Of("gzip", [a, b]).Should().Be(LayerKey.Of("gzip", [b, a]));
        LayerKey.Of("gzip", [a, b]).Should().NotBe(LayerKey.Of("zstd", [a, b]));
        LayerKey.Of("gzip", [a, b]).Should().NotBe(LayerKey.Of("gzip", [a]));
    }
}

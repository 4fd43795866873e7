using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class ErrorTests(BundledServer bundled)
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task A_package_that_is_not_there_is_named_with_its_neighbours()
    {
        using var client = bundled.Server.CreateClient();

        var answer = await client.ManifestAsync("shell/gti");

        answer.Status.Should().Be(404);
        answer.Error.Code.Should().Be("MANIFEST_UNKNOWN");
        answer.Error.Message.Should().Contain("'gti'").And.MatchRegex("near names: .*\\bgit\\b");
    }

    [Fact(Timeout = Limit)]
    public async Task Each_of_several_missing_packages_is_named()
    {
        using var client = bundled.Server.CreateClient();

        (await client.ManifestAsync("gti/shell/htpo")).Error.Message.Should().Contain("'gti'").And.Contain("'htpo'");
    }

    [Theory(Timeout = Limit)]
    [InlineData("/v2/../etc/manifests/latest")]
    [InlineData("/v2/shell/../manifests/latest")]
    [InlineData("/v2/shell/../../../etc/passwd")]
    [InlineData("/v2/./shell/manifests/latest")]
    [InlineData("/v2/shell/..git/manifests/latest")]
    [InlineData("/v2/shell%2egit/manifests/latest")]
    [InlineData("/v2/%2e%2e/manifests/latest")]
    [InlineData("/v2/shell%2Fgit/manifests/latest")]
    [InlineData("/v2/shell/%zz/manifests/latest")]
    [InlineData("/v2/Shell/manifests/latest")]
    [InlineData("/v2/shell//git/manifests/latest")]
    [InlineData("/v2//manifests/latest")]
    [InlineData("/v2/shell/git;id/manifests/latest")]
    [InlineData("/v2/shell/$(id)/manifests/latest")]
    [InlineData("/v2/shell/manifests/..")]
    [InlineData("/v2/shell/manifests/sha256:..")]
    [InlineData("/v2/shell/blobs/sha256:../../../../etc/passwd")]
    [InlineData("/v2/shell/blobs/..%2f..%2fetc%2fpasswd")]
    public Task A_path_with_something_smuggled_in_is_refused(string path) => IsRefusedAsync(path);

    [Theory(Timeout = Limit)]
    [InlineData(300, 1)]
    [InlineData(1, 200)]
    [InlineData(3, 200)]
    [InlineData(5000, 1)]
    public Task A_name_that_is_too_long_is_refused(int characters, int components) =>
        IsRefusedAsync($"/v2/{string.Join('/', Enumerable.Repeat(new string('a', characters), components))}/manifests/latest");

    /// <summary>Kestrel refuses these before the registry sees them, so there is no JSON.</summary>
    [Theory(Timeout = Limit)]
    [InlineData("/v2/shell/%00/manifests/latest")]
    [InlineData("/v2/shell/git /manifests/latest")]
    [InlineData("v2/shell/manifests/latest")]
    public async Task What_is_no_path_at_all_is_a_bad_request(string path) =>
        (await RawRequest.SendAsync(bundled.Server.Address, path)).Status.Should().Be(400);

    private async Task IsRefusedAsync(string path)
    {
        var answer = await RawRequest.SendAsync(bundled.Server.Address, path);

        answer.Status.Should().BeInRange(400, 499, "{0} is the client's mistake", path);
        answer.ContentType.Should().Be("application/json");
        answer.Error.Code.Should().BeOneOf("NAME_INVALID", "NAME_UNKNOWN", "MANIFEST_UNKNOWN", "DIGEST_INVALID");
        answer.Error.Message.Should().NotBeEmpty();
    }
}

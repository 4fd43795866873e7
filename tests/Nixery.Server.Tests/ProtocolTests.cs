using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Nixery.Oci;

namespace Nixery.Server.Tests;

/// <summary>What clients rely on, over HTTP.</summary>
public sealed class ProtocolTests(Registry registry) : IClassFixture<Registry>
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    [Fact]
    public async Task The_catalogue_is_closed_unless_it_is_opened()
    {
        using var answer = await registry.Client.GetAsync("/v2/_catalog");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("NAME_UNKNOWN").And.Contain("Nixery:Http:Catalog");
    }

    [Fact]
    public async Task A_missing_package_is_named_with_its_near_names()
    {
        var body = await registry.Client.GetAsync("/v2/missing/hello/alone/manifests/latest");

        (await body.Content.ReadAsStringAsync()).Should().Contain("'missing'").And.Contain("near names: hello, mission").And.Contain("'alone'").And.NotContain("'hello'");
    }

    [Fact]
    public async Task A_fault_tells_nothing_of_the_machine()
    {
        var bug = await (await registry.Client.GetAsync("/v2/evaluation-bug/manifests/latest")).Content.ReadAsStringAsync();
        var disk = await (await registry.Client.GetAsync("/v2/evaluation-disk/manifests/latest")).Content.ReadAsStringAsync();

        bug.Should().NotContain("secret").And.Contain("fault of the registry");
        disk.Should().NotContain("/some/place");
    }

    [Fact]
    public async Task The_manifest_of_a_tag_is_the_bytes_of_its_digest_for_GET_and_HEAD()
    {
        using var get = await registry.Client.GetAsync("/v2/hello/shell/manifests/latest");
        using var head = await registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v2/shell/hello/manifests/latest"));
        var bytes = await get.Content.ReadAsByteArrayAsync();
        var digest = get.Headers.GetValues("Docker-Content-Digest").Single();

        digest.Should().Be(Digest.Of(bytes).ToString());
        head.Headers.GetValues("Docker-Content-Digest").Should().Equal(digest);
        head.Content.Headers.ContentLength.Should().Be(bytes.Length);
        foreach (var answer in new[] { get, head })
        {
            answer.Content.Headers.ContentType!.ToString().Should().Be(OciManifest);
            answer.Headers.CacheControl!.ToString().Should().Be("no-cache");
        }

        using var byDigest = await registry.Client.GetAsync($"/v2/whatever/manifests/{digest}");
        (await byDigest.Content.ReadAsByteArrayAsync()).Should().Equal(bytes);
        byDigest.Content.Headers.ContentType!.ToString().Should().Be(OciManifest);

        using var asBlob = await registry.Client.GetAsync($"/v2/whatever/blobs/{digest}");
        asBlob.Content.Headers.ContentType!.ToString().Should().Be(OciManifest, "containerd keeps the first type it sees for ever");
    }

    [Fact]
    public async Task A_client_that_names_Dockers_types_alone_gets_them_throughout()
    {
        var oci = await ManifestAsync("application/vnd.oci.image.index.v1+json", DockerManifest, OciManifest);
        var docker = await ManifestAsync(DockerManifest, "application/vnd.docker.distribution.manifest.list.v2+json");
        var anything = await ManifestAsync(DockerManifest, "*/*");

        oci.GetProperty("mediaType").GetString().Should().Be(OciManifest);
        anything.GetProperty("mediaType").GetString().Should().Be(OciManifest);
        docker.GetProperty("mediaType").GetString().Should().Be(DockerManifest);
        docker.GetRawText().Should().NotContain("vnd.oci");
        docker.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString())
            .Should().Equal(oci.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()));
    }

    [Fact]
    public async Task Every_blob_of_a_manifest_has_its_digest_and_size()
    {
        var manifest = await ManifestAsync();
        foreach (var blob in manifest.GetProperty("layers").EnumerateArray().Append(manifest.GetProperty("config")))
        {
            var digest = blob.GetProperty("digest").GetString();
            using var answer = await registry.Client.GetAsync($"/v2/hello/blobs/{digest}");
            var bytes = await answer.Content.ReadAsByteArrayAsync();

            $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}".Should().Be(digest);
            bytes.Should().HaveCount(blob.GetProperty("size").GetInt32());
            answer.Headers.GetValues("Docker-Content-Digest").Should().Equal(digest);
            answer.Headers.CacheControl!.ToString().Should().Contain("immutable");
        }
    }

    [Theory]
    [InlineData("\"{0}\"", 304)]
    [InlineData("W/\"{0}\"", 304)]
    [InlineData("\"other\", \"{0}\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"other\"", 200)]
    [InlineData("nonsense", 200)]
    public async Task What_a_client_has_is_not_sent_again(string condition, int status)
    {
        using var first = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        var digest = first.Headers.GetValues("Docker-Content-Digest").Single();
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/hello/manifests/latest");
        request.Headers.TryAddWithoutValidation("If-None-Match", condition.Replace("{0}", digest, StringComparison.Ordinal));

        using var answer = await registry.Client.SendAsync(request);

        ((int)answer.StatusCode).Should().Be(status);
        answer.Headers.ETag!.Tag.Should().Be($"\"{digest}\"");
    }

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=1-3", 206, 1, 3)]
    [InlineData("bytes=5-", 206, 5, -5)]
    [InlineData("bytes=-4", 206, -4, 4)]
    [InlineData("bytes=0-999999999999", 206, 0, 0)]
    [InlineData("bytes=-999999999999", 206, 0, 0)]
    [InlineData("bytes=999999-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=0-1,3-4", 200, 0, 0)]
    [InlineData("pages=0-1", 200, 0, 0)]
    [InlineData("nonsense", 200, 0, 0)]
    [InlineData("bytes=500-0", 416, 0, 0)]
    public async Task A_range_is_answered_as_HTTP_has_it(string range, int status, int from, int count)
    {
        var digest = (await ManifestAsync()).GetProperty("config").GetProperty("digest").GetString();
        var whole = await registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{digest}");
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/hello/blobs/{digest}");
        request.Headers.TryAddWithoutValidation("Range", range);

        using var answer = await registry.Client.SendAsync(request);

        ((int)answer.StatusCode).Should().Be(status);
        if (status == 416)
        {
            answer.Content.Headers.ContentRange!.ToString().Should().Be($"bytes */{whole.Length}");
            return;
        }

        var first = from < 0 ? whole.Length + from : from;
        var expected = count <= 0 ? whole[first..] : whole[first..(first + count)];
        (await answer.Content.ReadAsByteArrayAsync()).Should().Equal(expected);
        answer.Content.Headers.ContentLength.Should().Be(expected.Length);
        answer.Content.Headers.ContentRange?.ToString().Should().Be($"bytes {first}-{first + expected.Length - 1}/{whole.Length}");
    }

    [Fact]
    public async Task The_front_page_says_what_this_is_and_trusts_no_host_header()
    {
        var page = await registry.SendRawAsync("GET / HTTP/1.1\r\nHost: a<script>b\r\nConnection: close\r\n\r\n");
        using var good = await registry.Client.GetAsync("/");

        page.Should().NotContain("<script>");
        good.StatusCode.Should().Be(HttpStatusCode.OK);
        (await good.Content.ReadAsStringAsync()).Should().Contain("/shell/git/htop").And.Contain(registry.Client.BaseAddress!.Authority);
    }

    private async Task<JsonElement> ManifestAsync(params string[] accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/hello/shell/manifests/latest");
        foreach (var type in accept)
        {
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(type));
        }

        using var answer = await registry.Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}

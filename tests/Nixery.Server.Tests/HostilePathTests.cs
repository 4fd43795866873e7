namespace Nixery.Server.Tests;

/// <summary>Paths that no client sends by mistake, as raw bytes: each ends in 4xx.</summary>
public sealed class HostilePathTests(Registry registry) : IClassFixture<Registry>
{
    public static TheoryData<string> Paths() =>
    [
        "/v2/../etc/passwd",
        "/v2/hello/../hello/manifests/latest",
        "/v2/./hello/manifests/latest",
        "/v2/hello/%2e%2e/hello/manifests/latest",
        "/v2/%2e%2e/%2e%2e/etc/passwd",
        "/v2/hello%2fhello/manifests/latest",
        "/v2/hello/manifests/%6catest",
        "/v2/hello%00/manifests/latest",
        "/v2/hello%/manifests/latest",
        "/v2/hello%zz/manifests/latest",
        "/v2/hello%c3%28/manifests/latest",
        "/v2/hello/blobs/sha256:../../../../../../etc/passwd",
        "/v2/hello/blobs/..",
        "/v2/hello/manifests/..",
        "/v2/hello/manifests/latest/",
        "/v2//hello//manifests//latest",
        "/v2/HELLO/manifests/latest",
        "/v2/hello;rm -rf/manifests/latest",
        "/v2/$(id)/manifests/latest",
        "/v2/`id`/manifests/latest",
        "/v2/-hello/manifests/latest",
        "/v2/--option/manifests/latest",
        "/v2/h\u00e9llo/manifests/latest",
        $"/v2/{new string('a', 300)}/manifests/latest",
        $"/v2/{string.Join('/', Enumerable.Repeat("a", 200))}/manifests/latest",
        $"/v2/hello/manifests/{new string('a', 129)}",
        $"/v2/{new string('a', 7000)}",
        "/v2/hello/manifests/sha512:" + new string('0', 128),
        "/v2/hello/manifests/sha256:" + new string('A', 64),
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_hostile_path_is_a_client_error(string path)
    {
        var answer = await registry.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.Should().MatchRegex("^HTTP/1.1 4[0-9][0-9] ");
        registry.Builder.Realisations.Should().Be(0);
    }

    [Fact]
    public async Task The_path_of_an_absolute_target_counts_alone()
    {
        var answer = await registry.SendRawAsync("GET http://elsewhere/v2/ HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n");

        answer.Should().StartWith("HTTP/1.1 200 ");
    }
}

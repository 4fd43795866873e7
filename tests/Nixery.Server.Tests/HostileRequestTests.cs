using System.Globalization;
using System.Text;
using System.Text.Json;
using Nixery.Server.Tests.Protocol;
using Nixery.Tests;

namespace Nixery.Server.Tests;

/// <summary>Requests that no client sends by mistake, made up at random from a seed, as raw bytes.</summary>
[Collection(AloneCollection.Name)]
public sealed class HostileRequestTests(Registry registry) : IClassFixture<Registry>
{
    private const int Requests = 5_000;
    private const int AtOnce = 16;

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "G\u00cbT", "GET\0", "A" + new string('B', 300), "PRI", ""];

    private static readonly string[] Pieces =
    [
        "hello", "missing", "manifests", "blobs", "tags", "list", "referrers", "_catalog", "uploads", "latest", "..", ".", "", "%2e%2e", "%2f", "%00", "\0", "%", "%zz", "%c3%28",
        "\u00ff\u00fe", "h\u00e9llo", "sha256:", "sha256:" + new string('0', 64), "sha512:" + new string('f', 128), "sha256:../../etc/passwd", "-rf", "$(id)", "`id`", ";", "\\", "'", "\"", "<script>",
        "{0}", "a b", "\t", new string('a', 300), new string('/', 100), "\u0001", "~root", "#", "?", "&n=1", "*",
    ];

    private static readonly string[] Queries =
    [
        "", "?", "?n=-1", "?n=99999999999999999999999999", "?n=%00", "?last=%ff%fe", "?n=1&n=2", "?artifactType=" + new string('x', 500), "?ns=../../..", "?%", "?&&&==", "?n=1\0",
    ];

    private static readonly string[] Headers =
    [
        "Range: bytes=0-0", "Range: bytes=-99999999999999999999", "Range: bytes=18446744073709551616-0", "Range: bytes=" + new string('1', 4000), "Range: bytes=0-0,1-1,2-2,3-3", "Range: \u00ff",
        "If-None-Match: \"", "If-None-Match: " + new string('"', 500), "If-Range: ,", "Accept: " + new string('a', 5000), "Accept: ;;;q=q", "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999",
        "Transfer-Encoding: chunked", "Transfer-Encoding: x", "Expect: 100-continue", "Expect: x", "Host: a b", "Host:", "X: \0", "X\u00e9: 1", ": empty", "no colon", " folded: x", "Upgrade: h2c", "Connection: Upgrade",
        "Authorization: Basic " + new string('=', 3000), "Origin: null", "X-Big: " + new string('y', 40_000), "Cookie: " + string.Join(";", Enumerable.Repeat("a=b", 500)),
    ];

    private static readonly string[] Versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/3.7", "HTTP/0.9", "http/1.1", "", "HTTP/1.1 x"];

    [Fact(Timeout = 300_000)]
    public async Task Five_thousand_of_them_end_in_an_answer_that_is_no_fault_of_the_server()
    {
        using var known = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        await SendAllAsync(seed: 1, Requests / 2);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await SendAllAsync(seed: 20261122, Requests / 2);

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        grown.Should().BeLessThan(8 * 1024 * 1024, "nothing of a refused request is kept, and buffers are used again");
        registry.Builder.Realisations.Should().Be(1);
        using var still = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        still.EnsureSuccessStatusCode();
    }

    private async Task SendAllAsync(int seed, int count)
    {
        var random = new Random(seed);
        var requests = Enumerable.Range(0, count).Select(_ => RequestOf(random)).ToList();
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (request, stopping) => Check(request, await registry.AskAsync(request, stopping)));
    }

    private static string RequestOf(Random random)
    {
        var path = new StringBuilder("/v2/");
        path.AppendJoin('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(random, Pieces)));
        var method = random.Next(3) > 0 ? "GET" : Any(random, Methods);
        var headers = string.Concat(Enumerable.Range(0, random.Next(0, 3)).Select(_ => Any(random, Headers) + "\r\n"));
        return string.Create(
            CultureInfo.InvariantCulture, $"{method} {path}{Any(random, Queries)} {Any(random, Versions)}\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    }

    private static string Any(Random random, string[] choices) => choices[random.Next(choices.Length)];

    private static void Check(string request, RawAnswer answer)
    {
        var what = JsonSerializer.Serialize(request[..Math.Min(request.Length, 400)]);
        answer.Status.Should().BeInRange(200, 499, what);
        if (answer.Status >= 400)
        {
            answer.Headers.Should().ContainKey("Content-Type", what).WhoseValue.Should().Be("application/json", what);
            if (answer.Body.Length > 0)
            {
                JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors")[0].GetProperty("code").GetString().Should().NotBeNullOrEmpty(what);
            }
        }
    }
}

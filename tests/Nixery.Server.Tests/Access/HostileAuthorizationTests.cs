using System.Text;
using System.Text.Json;

namespace Nixery.Server.Tests.Access;

/// <summary>Authorization headers that no client sends by mistake, as raw bytes.</summary>
public sealed class HostileAuthorizationTests : IAsyncLifetime
{
    private const int Limit = 120_000;

    private readonly ClosedRegistry _registry = new ClosedRegistry().Set("MostFailedLogins", "1000");

    public static TheoryData<string> Headers() =>
    [
        "Authorization:",
        "Authorization: Basic",
        "Authorization: Basic ",
        "Authorization: Basic ====",
        "Authorization: Basic !!!!",
        "Authorization: Basic YWxpY2U=",
        "Authorization: Basic " + Base64("alice\0:alice1234"),
        "Authorization: Basic " + Base64("alice:alice1234\0"),
        "Authorization: Basic " + Base64("alice:alice1234\n"),
        "Authorization: Basic " + Base64(":alice1234"),
        "Authorization: Basic " + Base64("alice:"),
        "Authorization: Basic " + Base64("oidc:"),
        "Authorization: Basic " + Base64("token:"),
        "Authorization: Basic " + Base64("oidc:a.b.c"),
        "Authorization: Basic " + Base64(new string('a', 300) + ":x"),
        "Authorization: Basic " + Base64("alice:" + new string('x', 10_000)),
        "Authorization: Basic " + Convert.ToBase64String([(byte)'a', (byte)':', 0xff, 0xfe]),
        "Authorization: Basic " + new string('A', 30_000),
        "Authorization: Bearer",
        "Authorization: Bearer  ",
        "Authorization: Bearer ..",
        "Authorization: Bearer " + new string('.', 5_000),
        "Authorization: Bearer " + new string('a', 30_000),
        "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
        "Authorization: Bearer " + Base64("{\"alg\":\"HS256\"}") + "." + Base64(new string('[', 9_000)) + ".x",
        "Authorization: Bearer a b",
        "Authorization: Bearer h\u00e9",
        "Authorization: Digest username=\"alice\"",
        "Authorization: \u00ff",
        "Authorization: Basic\tx",
        "Authorization: Basic " + Base64("alice:alice1234") + ", Bearer x",
        "Authorization: Basic " + Base64("alice:alice1234") + "\r\nAuthorization: Basic " + Base64("alice:alice1234"),
        string.Join("\r\n", Enumerable.Repeat("Authorization: Bearer x", 50)),
        string.Join("\r\n", Enumerable.Repeat("Authorization: Bearer x", 150)),
        "Authorization: Basic \0",
        "Authorization: Bearer " + new string('a', 40_000),
    ];

    public Task InitializeAsync() => _registry.StartAsync();

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Headers))]
    public async Task Each_ends_in_an_answer_of_JSON_that_lets_nobody_in(string headers)
    {
        foreach (var path in new[] { "/v2/", "/v2/hello/manifests/latest", "/token", "/status" })
        {
            using var limit = new CancellationTokenSource(Limit);
            var answer = await _registry.Inner.AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n\r\n", limit.Token);

            answer.Status.Should().BeInRange(400, 499, path);
            answer.Headers["Content-Type"].Should().Be("application/json");
            JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors")[0].GetProperty("code").GetString().Should().BeOneOf("UNAUTHORIZED", "UNSUPPORTED");
            _registry.Inner.Builder.Evaluations.Should().Be(0);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

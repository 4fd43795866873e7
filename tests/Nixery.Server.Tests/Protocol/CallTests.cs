using System.Reflection;
using System.Text.Json;

namespace Nixery.Server.Tests.Protocol;

/// <summary>The calls of calls.txt, as raw bytes on a real Kestrel; and that they cover what the specification demands.</summary>
public sealed class CallTests(ProtocolFixture fixture) : IClassFixture<ProtocolFixture>
{
    /// <summary>
    /// What the distribution specification demands (MUST) of a registry that serves pulls and lists, in our words.
    /// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
    /// </summary>
    private static readonly Dictionary<string, string> Demands = new()
    {
        ["G2"] = "GET /v2/ is 200 where the API is",
        ["N1"] = "a name has its grammar",
        ["N2"] = "a manifest is named by a tag or a digest, and a tag has its grammar",
        ["N3"] = "sha256 is supported, with 64 lower-case hexadecimal digits",
        ["P1"] = "a manifest that is there is 200 with its bytes; one that is not, or in a repository that is not, is 404",
        ["P2"] = "GET of a manifest has Docker-Content-Digest",
        ["P3"] = "Content-Type is the manifest's own type",
        ["P5"] = "a blob that is there is 200 with its bytes, one that is not is 404",
        ["P6"] = "GET of a blob has Docker-Content-Digest, a digest of the body",
        ["P8"] = "HEAD of either is 200 with Docker-Content-Digest and Content-Length, or 404",
        ["T1"] = "tags of a repository are 200 with its name and a list",
        ["T2"] = "tags are in lexical or ASCII order",
        ["T3"] = "n limits the number of tags, and n=0 is an empty list without Link",
        ["T4"] = "last is a tag, and what is listed comes after it",
        ["T5"] = "a Link has the form of RFC 5988 with rel=next",
        ["T6"] = "tags of an unknown repository are 404",
        ["R1"] = "referrers are 200, with an empty list for a digest that nothing refers to, and 400 for what is no digest",
        ["R2"] = "referrers are an image index, and Content-Type says so",
        ["R5"] = "a filter that was applied is named in OCI-Filters-Applied",
        ["M1"] = "what is disabled is 400 or 405",
        ["E1"] = "an error in JSON has the form and one of the codes of the specification",
    };

    private static readonly string[] Codes =
    [
        "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID", "MANIFEST_UNKNOWN",
        "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS",
    ];

    private static readonly IReadOnlyList<ProtocolCall> All = ProtocolCall.ReadAll(File.ReadAllText(Path.Combine(
        typeof(CallTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!,
        "Nixery.Server.Tests", "Protocol", "calls.txt")));

    public static TheoryData<int, string> Calls()
    {
        var data = new TheoryData<int, string>();
        foreach (var (call, index) in All.Select((c, i) => (c, i)))
        {
            data.Add(index, call.Request[..Math.Min(call.Request.Length, 120)]);
        }

        return data;
    }

    [Fact]
    public void Each_demand_of_the_specification_names_its_calls()
    {
        All.SelectMany(c => c.Rules).Distinct().Should().Contain(Demands.Keys);
        All.Should().HaveCountGreaterThan(200);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Calls))]
    public async Task A_call_has_its_answer(int index, string request)
    {
        request.Should().NotBeEmpty();
        var call = All[index];
        var head = $"{Fill(call.Request)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        var answer = RawAnswer.Parse(await fixture.Registry.SendRawAsync(
            head + string.Concat(call.Starting(">").Select(h => Fill(h) + "\r\n")) + "\r\n"));

        foreach (var expected in call.Starting("<").Select(Fill))
        {
            ShouldHave(answer, expected);
        }

        foreach (var body in call.Starting("=").Select(Fill))
        {
            answer.Body.Should().Be(body);
        }

        foreach (var part in call.Starting("~"))
        {
            answer.Body.Should().Contain(part);
        }

        foreach (var part in call.Starting("~!"))
        {
            answer.Body.Should().NotContain(part);
        }

        if (answer.Status >= 400 && call.Request.Contains(" /v2/", StringComparison.Ordinal))
        {
            ShouldBeAnError(answer, isHead: call.Request.StartsWith("HEAD", StringComparison.Ordinal));
        }
    }

    private static void ShouldHave(RawAnswer answer, string expected)
    {
        if (int.TryParse(expected, out var status))
        {
            answer.Status.Should().Be(status, answer.Body[..Math.Min(answer.Body.Length, 200)]);
        }
        else if (expected[0] == '!')
        {
            answer.Headers.Should().NotContainKey(expected[1..]);
        }
        else
        {
            var header = expected.Split(": ", 2);
            answer.Headers.Should().ContainKey(header[0]).WhoseValue.Should().Be(header[1]);
        }
    }

    private static void ShouldBeAnError(RawAnswer answer, bool isHead)
    {
        answer.Headers["Docker-Distribution-API-Version"].Should().Be("registry/2.0");
        answer.Headers["Content-Type"].Should().Be("application/json");
        if (isHead)
        {
            answer.Reason.Should().NotBeEmpty();
            return;
        }

        answer.Headers["Content-Length"].Should().Be($"{answer.Body.Length}");
        var error = JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors").EnumerateArray().Single();
        var message = error.GetProperty("message").GetString()!;
        answer.Reason.Should().StartWith(message[..Math.Min(message.Length, 20)], "an answer to HEAD has no other place for it");
        error.GetProperty("code").GetString().Should().BeOneOf(answer.Status < 500 ? Codes : ["UNKNOWN"]);
    }

    private string Fill(string text) => ProtocolCall.Fill(text, fixture.Pulled);
}

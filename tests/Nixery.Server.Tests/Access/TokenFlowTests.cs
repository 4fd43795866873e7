using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Server.Access.Logins;

namespace Nixery.Server.Tests.Access;

/// <summary>The token flow: https://distribution.github.io/distribution/spec/auth/token/ and its POST.</summary>
public sealed partial class TokenFlowTests
{
    private const int Limit = 120_000;

    private static readonly string Alice = ClosedRegistry.Basic("alice");

    [Fact(Timeout = Limit)]
    public async Task Where_anonymous_may_pull_too_clients_are_sent_for_a_token_and_anonymous_gets_one()
    {
        await using var registry = await new ClosedRegistry()
            .Set("Anonymous", "pull").Rule(0, "users", "Build", "*").Rule(1, "everybody", "Pull", "hello").StartAsync();
        (await registry.PullAsync("hello", Alice)).Status.Should().Be(200);

        var ping = await registry.GetAsync("/v2/");
        var host = registry.Inner.Client.BaseAddress!.Authority;
        (ping.Status, ping.Challenge).Should().Be((401, $"Bearer realm=\"http://{host}/token\",service=\"nixery\""));
        var anonymous = ClosedRegistry.Bearer((await registry.GetAsync("/token?service=nixery&scope=repository:hello:pull")).Json.GetProperty("token").GetString()!);
        (await registry.GetAsync("/v2/", anonymous)).Status.Should().Be(200);
        (await registry.PullAsync("hello", anonymous)).Status.Should().Be(200);
        (await registry.PullAsync("hello")).Status.Should().Be(200);
        var more = await registry.PullAsync("git", anonymous);
        (more.Status, more.Challenge).Should().Be((401, $"Bearer realm=\"http://{host}/token\",service=\"nixery\",scope=\"repository:git:pull\""));
        (await registry.PullAsync("hello", ClosedRegistry.Bearer("nonsense"))).Challenge.Should().Contain("error=\"invalid_token\"");
        (await registry.GetAsync("/token", ClosedRegistry.Basic("alice", "wrong"))).Status.Should().Be(401, "who is wrong is not anonymous");
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_says_how_long_it_is_good_and_is_good_for_what_its_user_may_have()
    {
        await using var registry = await new ClosedRegistry().Rule(0, "user:alice", "Build", "hello").Set("TokenLifetime", "00:02:00").StartAsync();

        var given = (await registry.GetAsync("/token?account=alice&service=nixery&scope=repository:git:pull&scope=repository:hello:pull,push", Alice)).Json;
        var token = ClosedRegistry.Bearer(given.GetProperty("token").GetString()!);

        given.GetProperty("access_token").GetString().Should().Be(given.GetProperty("token").GetString());
        given.GetProperty("expires_in").GetInt32().Should().BeInRange(118, 120);
        given.GetProperty("issued_at").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        (await registry.PullAsync("hello", token)).Status.Should().Be(200);
        (await registry.PullAsync("git", token)).Status.Should().Be(403);
        (await registry.GetAsync("/token")).Challenge.Should().Be("Basic realm=\"nixery\"");
    }

    [Theory(Timeout = Limit)]
    [InlineData("grant_type=password&username=alice&password=alice1234&service=nixery&client_id=containerd-client&scope=repository%3Ahello%3Apull", 200)]
    [InlineData("grant_type=password&username=alice&password=wrong&service=nixery", 401)]
    [InlineData("grant_type=password&username=ci&password=" + ClosedRegistry.StaticToken, 200)]
    [InlineData("grant_type=refresh_token&refresh_token=" + ClosedRegistry.StaticToken, 200)]
    [InlineData("grant_type=refresh_token&refresh_token=nonsense", 401)]
    [InlineData("grant_type=refresh_token", 401)]
    [InlineData("grant_type=magic", 401)]
    [InlineData("", 401)]
    public async Task A_token_is_given_for_a_form_too(string form, int status)
    {
        await using var registry = await new ClosedRegistry().StartAsync();
        using var content = new StringContent(form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");

        var answer = await registry.SendAsync(HttpMethod.Post, "/token", null, content);

        answer.Status.Should().Be(status, answer.Body);
        if (status == 200)
        {
            (await registry.PullAsync("hello", ClosedRegistry.Bearer(answer.Json.GetProperty("access_token").GetString()!))).Status.Should().Be(200);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_form_that_is_too_large_or_none_is_refused()
    {
        await using var registry = await new ClosedRegistry().StartAsync();
        using var large = new StringContent("grant_type=" + new string('a', 200_000), System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
        using var json = new StringContent("{}", System.Text.Encoding.ASCII, "application/json");
        using var parts = new StringContent("--x\r\nno part", System.Text.Encoding.ASCII) { Headers = { ContentType = new("multipart/form-data") } };

        foreach (var content in new[] { large, json, parts })
        {
            (await registry.SendAsync(HttpMethod.Post, "/token", null, content)).Status.Should().Be(401);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Replicas_that_share_a_key_file_believe_each_others_tokens_and_a_key_that_is_changed_step_by_step_is_no_interruption()
    {
        var first = new ClosedRegistry();
        await using var disposed = first;
        var keys = Path.Combine(first.Inner.Folder, "keys");
        await File.WriteAllTextAsync(keys, $"{new string('a', 40)}\n");
        await first.Set("TokenKeyFile", keys).StartAsync();
        var token = ClosedRegistry.Bearer(await first.LogInAsync(Alice));

        var rotated = Path.Combine(first.Inner.Folder, "rotated");
        await File.WriteAllTextAsync(rotated, $"{new string('b', 40)}\n{new string('a', 40)}\n");
        await using var second = await new ClosedRegistry().Set("HtpasswdFile", first.Users).Set("TokenKeyFile", rotated).StartAsync();
        await using var stranger = await new ClosedRegistry().Set("HtpasswdFile", first.Users).StartAsync();

        (await first.PullAsync("hello", token)).Status.Should().Be(200);
        (await second.PullAsync("hello", token)).Status.Should().Be(200);
        (await stranger.PullAsync("hello", token)).Status.Should().Be(401);
        (await first.PullAsync("hello", ClosedRegistry.Bearer(await second.LogInAsync(Alice)))).Status.Should().Be(401, "that one has not heard of the new key");
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_ends_with_what_it_was_given_for()
    {
        await using var registry = await new ClosedRegistry().StartAsync();
        var alice = ClosedRegistry.Bearer(await registry.LogInAsync(Alice));
        var bob = ClosedRegistry.Bearer(await registry.LogInAsync(ClosedRegistry.Basic("bob")));
        var ci = ClosedRegistry.Bearer(await registry.LogInAsync(ClosedRegistry.Basic("ci", ClosedRegistry.StaticToken)));
        var files = registry.Inner.Services.GetRequiredService<LoginFiles>();
        foreach (var token in new[] { alice, bob, ci })
        {
            (await registry.GetAsync("/v2/", token)).Status.Should().Be(200);
        }

        await File.WriteAllLinesAsync(registry.Users, [(await File.ReadAllLinesAsync(registry.Users))[0], ClosedRegistry.LineOf("bob", "new")]);
        await File.WriteAllTextAsync(registry.Tokens, "ci:another-token-0123456789\n");
        files.Look();
        files.Look();

        (await registry.GetAsync("/v2/", alice)).Status.Should().Be(200);
        (await registry.GetAsync("/v2/", bob)).Status.Should().Be(401);
        (await registry.GetAsync("/v2/", ci)).Status.Should().Be(401);
        (await registry.GetAsync("/v2/", ClosedRegistry.Bearer(ClosedRegistry.StaticToken))).Status.Should().Be(401);
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_that_was_tampered_with_is_none()
    {
        await using var registry = await new ClosedRegistry().Rule(0, "user:bob", "Build", "*").StartAsync();
        var parts = (await registry.LogInAsync(Alice)).Split('.');
        var claims = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(parts[1]);
        var forged = System.Text.Encoding.UTF8.GetString(claims).Replace("\"alice\"", "\"bob\"", StringComparison.Ordinal);
        var none = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode("""{"alg":"none","typ":"JWT"}"""u8);
        var body = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode(System.Text.Encoding.UTF8.GetBytes(forged));

        JsonDocument.Parse(forged).RootElement.GetProperty("sub").GetString().Should().Be("bob");
        foreach (var token in new[] { $"{parts[0]}.{body}.{parts[2]}", $"{none}.{body}.", $"{none}.{body}.{parts[2]}", $"{parts[0]}.{body}.", $"{parts[0]}.{parts[1]}" })
        {
            (await registry.PullAsync("hello", ClosedRegistry.Bearer(token))).Status.Should().Be(401, token);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("registry.example.com:5000", "http://registry.example.com:5000/token")]
    [InlineData("[::1]:5000", "http://[::1]:5000/token")]
    public async Task Clients_are_sent_to_the_name_by_which_they_came(string host, string realm)
    {
        await using var registry = await new ClosedRegistry().Set("Anonymous", "pull").StartAsync();

        (await registry.GetAsync("/v2/", null, ("Host", host))).Challenge.Should().Contain($"realm=\"{realm}\"");
    }

    [Fact(Timeout = Limit)]
    public async Task No_name_that_a_client_gives_writes_more_into_a_challenge()
    {
        await using var registry = await new ClosedRegistry().Set("Anonymous", "pull").StartAsync();

        foreach (var host in new[] { "a\"b", "a,b", "evil/x", "a@b", "x;y", "a b" })
        {
            var answer = await registry.Inner.SendRawAsync($"GET /v2/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            (answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) || Challenge().Match(answer).Groups[1].Value == "http://localhost/token").Should().BeTrue(answer);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_address_for_tokens_can_be_set()
    {
        await using var registry = await new ClosedRegistry().Set("Anonymous", "pull").Set("TokenAddress", "https://registry.example.com/token").StartAsync();

        (await registry.GetAsync("/v2/")).Challenge.Should().Contain("realm=\"https://registry.example.com/token\"");
    }

    [GeneratedRegex("WWW-Authenticate: Bearer realm=\"([^\"]*)\",service=\"nixery\"\r\n")]
    private static partial Regex Challenge();
}

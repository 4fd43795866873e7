using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Server.Access;

namespace Nixery.Server.Tests.Access;

/// <summary>Whose address a request has, and by which scheme it came.</summary>
public sealed class TrustedProxyTests
{
    private const int Limit = 120_000;

    [Theory(Timeout = Limit)]
    [InlineData("", "203.0.113.9", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "8.8.8.8, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "10.0.0.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8,10.0.0.0/8", "8.8.8.8, 203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "2001:db8::9", "2001:db8::9")]
    [InlineData("127.0.0.0/8", "::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "nonsense", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "203.0.113.9:443", "203.0.113.9")]
    public async Task A_proxy_is_believed_where_it_is_trusted_and_what_the_client_adds_is_not(string trusted, string forwardedFor, string address)
    {
        var registry = new ClosedRegistry();
        await using var disposed = registry;
        foreach (var (network, index) in trusted.Split(',', StringSplitOptions.RemoveEmptyEntries).Select((n, i) => (n, i)))
        {
            registry.Set($"TrustedProxies:{index}", network);
        }

        var seen = new List<Caller>();
        registry.Inner.Replace = services => services.AddSingleton<IStartupFilter>(new Witness(seen));
        await registry.StartAsync();

        await registry.GetAsync("/v2/", ClosedRegistry.Basic("alice"), ("X-Forwarded-For", forwardedFor), ("X-Forwarded-Host", "evil.example.com"));

        seen.Single().Address.Should().Be(IPAddress.Parse(address));
        seen.Single().User.Should().Be("alice");
    }

    [Theory(Timeout = Limit)]
    [InlineData("127.0.0.1", "https://registry.example.com/token")]
    [InlineData("10.0.0.1", "http://registry.example.com/token")]
    public async Task The_scheme_that_a_trusted_proxy_tells_is_that_of_the_address_for_tokens(string trusted, string realm)
    {
        await using var registry = await new ClosedRegistry().Set("Anonymous", "pull").Set("TrustedProxies:0", trusted).StartAsync();

        var answer = await registry.GetAsync("/v2/", null, ("Host", "registry.example.com"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));

        answer.Challenge.Should().Contain($"realm=\"{realm}\"");
    }

    [Fact(Timeout = Limit)]
    public async Task Who_guesses_behind_a_trusted_proxy_keeps_nobody_else_there_out()
    {
        await using var registry = await new ClosedRegistry().Set("TrustedProxies:0", "127.0.0.1").Set("MostFailedLogins", "1").StartAsync();

        (await GuessAsync("203.0.113.1")).Status.Should().Be(401);
        (await GuessAsync("203.0.113.1")).Status.Should().Be(429);
        (await GuessAsync("203.0.113.2")).Status.Should().Be(401);

        Task<Answer> GuessAsync(string from) => registry.GetAsync("/v2/", ClosedRegistry.Basic("alice", "guess"), ("X-Forwarded-For", from));
    }

    /// <summary>Looks at each request when it has been answered.</summary>
    private sealed class Witness(List<Caller> seen) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext context, RequestDelegate rest) =>
            {
                await rest(context);
                seen.Add(Caller.Of(context));
            });
            next(app);
        };
    }
}

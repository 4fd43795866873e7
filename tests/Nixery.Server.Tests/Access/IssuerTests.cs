using Nixery.Doubles;
using Nixery.Tests;

namespace Nixery.Server.Tests.Access;

/// <summary>Tokens of an issuer: a real server of the tests' own, whose tokens are made by other code than reads them.</summary>
public sealed class IssuerTests : IAsyncLifetime
{
    private const int Limit = 120_000;
    internal const string Subject = "system:serviceaccount:team:builder";

    private OidcIssuer _issuer = null!;

    public async Task InitializeAsync() => _issuer = await OidcIssuer.StartAsync();

    public async Task DisposeAsync() => await _issuer.DisposeAsync();

    [Fact(Timeout = Limit)]
    public async Task Its_token_is_good_sent_as_it_is_and_as_a_password_and_for_a_token_of_our_own()
    {
        await using var registry = await Closed().Rule(0, "user:cluster:system:serviceaccount:team:*", "Build", "hello").StartAsync();
        var token = _issuer.Sign(Subject);

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(token))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Basic("oidc", token))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(await registry.LogInAsync(ClosedRegistry.Basic("oidc", token))))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(await registry.LogInAsync(ClosedRegistry.Bearer(token))))).Status.Should().Be(200);
        (await registry.PullAsync("git", ClosedRegistry.Bearer(token))).Message.Should().Contain("cluster:system:serviceaccount:team:builder may not pull 'git'");
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign("system:serviceaccount:other:builder")))).Status.Should().Be(403);
        (await registry.GetAsync("/v2/")).Challenge.Should().StartWith("Bearer realm=");
        _issuer.Reads.Should().Be(1, "keys are kept");
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_that_is_wrong_in_any_way_is_refused_and_the_answer_says_how()
    {
        await using var registry = await Closed().StartAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        (string Token, string Problem)[] wrong =
        [
            (_issuer.Sign(Subject, ("exp", now - 120)), "has expired"),
            (_issuer.Sign(Subject, ("exp", null)), "has expired"),
            (_issuer.Sign(Subject, ("nbf", now + 300)), "not valid yet"),
            (_issuer.Sign(Subject, ("aud", "another")), "another audience than 'nixery.example'"),
            (_issuer.Sign(Subject, ("aud", null)), "another audience"),
            (_issuer.Sign(Subject, ("iss", "https://another.example.com")), "an issuer that this registry does not know"),
            (_issuer.Sign(Subject, ("iss", _issuer.Issuer + "/")), "an issuer that this registry does not know"),
            (_issuer.Sign(Subject, ("iss", "nixery"), ("aud", "nixery"), ("by", "None"), ("mark", "")), "not valid any more"),
            (_issuer.Sign(Subject, ("sub", null)), "names no user"),
            (_issuer.Sign(""), "names no user"),
            (_issuer.Sign("new\nline"), "names no user"),
            (_issuer.Sign(Subject, ("groups", Enumerable.Range(0, 201).Select(i => $"g{i}"))), "more than 200 groups"),
            (_issuer.SignByNone(Subject), "the token's signature is of no key"),
            (_issuer.SignByPublicKey(Subject), "signed in a way that is not believed|signature is of no key"),
            (_issuer.SignByAnother(Subject), "the token's signature is of no key of the issuer 'cluster'"),
            ("a.b.c", "none that this registry knows"),
            ("eyJ", "none that this registry knows"),
        ];

        foreach (var (token, problem) in wrong)
        {
            var answer = await registry.PullAsync("hello", ClosedRegistry.Bearer(token));
            (answer.Status, answer.ErrorCode).Should().Be((401, "UNAUTHORIZED"), problem);
            answer.Message.Should().MatchRegex(problem);
            answer.Challenge.Should().Contain("error=\"invalid_token\"");
            (await registry.GetAsync("/token", ClosedRegistry.Basic("oidc", token))).Status.Should().Be(401, problem);
        }

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject)))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task New_keys_are_found_at_the_first_token_that_has_one_and_the_issuer_is_not_asked_for_each_made_up_one()
    {
        var time = new ManualTime();
        time.Advance(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch);
        await using var registry = await Closed(time).StartAsync();
        var old = _issuer.Sign(Subject);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(old))).Status.Should().Be(200);
        time.Advance(TimeSpan.FromSeconds(10));

        _issuer.Rotate();
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject)))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject, ("jti", "2"))))).Status.Should().Be(200);
        _issuer.Reads.Should().Be(2);

        foreach (var token in Enumerable.Range(0, 20).Select(i => _issuer.SignByAnother($"{Subject}{i}")))
        {
            (await registry.PullAsync("hello", ClosedRegistry.Bearer(token))).Status.Should().Be(401);
        }

        _issuer.Reads.Should().Be(2);
        time.Advance(TimeSpan.FromSeconds(10));
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.SignByAnother(Subject)))).Status.Should().Be(401);
        _issuer.Reads.Should().Be(3);
    }

    [Fact(Timeout = Limit)]
    public async Task While_the_issuer_is_away_its_last_keys_hold_and_without_any_it_is_no_fault_of_the_client()
    {
        await using var registry = await Closed().StartAsync();
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject)))).Status.Should().Be(200);
        _issuer.IsDown = true;
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject, ("jti", "2"))))).Status.Should().Be(200);

        await using var another = await Closed().StartAsync();
        var answer = await another.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject)));
        (answer.Status, answer.Headers.RetryAfter is not null).Should().Be((503, true));
        answer.Message.Should().Contain("the keys of the issuer 'cluster' cannot be read now");
        (await another.PullAsync("hello", ClosedRegistry.Basic("alice"))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task Groups_and_the_user_are_read_from_the_claims_that_are_named_and_required_claims_must_be_there()
    {
        await using var registry = await Closed()
            .Set("Issuers:cluster:UserClaim", "repository").Set("Issuers:cluster:GroupsClaim", "teams").Set("Issuers:cluster:Require:repository_owner", "our-*")
            .Rule(0, "group:cluster:admins", "Build", "*").Rule(1, "user:cluster:our-org/tool", "Build", "hello").StartAsync();

        (await Pull("git", ("repository", "our-org/x"), ("repository_owner", "our-org"), ("teams", new[] { "all", "admins" }))).Should().Be(200);
        (await Pull("git", ("repository", "our-org/x"), ("repository_owner", "our-org"), ("teams", "admins"))).Should().Be(200);
        (await Pull("git", ("repository", "our-org/x"), ("repository_owner", "our-org"), ("teams", new[] { "all" }))).Should().Be(403);
        (await Pull("hello", ("repository", "our-org/tool"), ("repository_owner", "our-org"))).Should().Be(200);
        (await Pull("hello", ("repository", "our-org/tool"), ("repository_owner", "their-org"))).Should().Be(401);
        (await Pull("hello", ("repository", "our-org/tool"))).Should().Be(401);
        (await Pull("hello", ("repository_owner", "our-org"))).Should().Be(401);

        async Task<int> Pull(string name, params (string, object?)[] claims) =>
            (await registry.PullAsync(name, ClosedRegistry.Bearer(_issuer.Sign(Subject, claims)))).Status;
    }

    [Fact(Timeout = Limit)]
    public async Task A_user_of_an_issuer_is_never_one_of_the_files()
    {
        await using var registry = await Closed().Rule(0, "user:alice", "Build", "*").Rule(1, "group:ops", "Build", "*").StartAsync();

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign("alice", ("groups", new[] { "ops" }))))).Status.Should().Be(403);
        (await registry.PullAsync("hello", ClosedRegistry.Basic("alice"))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_of_our_own_does_not_outlive_the_issuers()
    {
        await using var registry = await Closed().StartAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        var answer = await registry.GetAsync("/token", ClosedRegistry.Basic("oidc", _issuer.Sign(Subject, ("exp", now + 100))));

        answer.Json.GetProperty("expires_in").GetInt32().Should().BeInRange(50, 100);
    }

    [Fact(Timeout = Limit)]
    public async Task The_keys_can_be_at_an_address_of_their_own()
    {
        await using var registry = await Closed().Set("Issuers:cluster:Issuer", "https://kubernetes.default.svc.cluster.local").Set("Issuers:cluster:KeysAddress", $"{_issuer.Issuer}/keys").StartAsync();

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject, ("iss", "https://kubernetes.default.svc.cluster.local"))))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task Its_keys_may_be_on_an_elliptic_curve()
    {
        _issuer.RotateToCurve();
        await using var registry = await Closed().StartAsync();

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.Sign(Subject)))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.SignByAnother(Subject)))).Status.Should().Be(401);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(_issuer.SignByPublicKey(Subject)))).Status.Should().Be(401);
    }

    private ClosedRegistry Closed(TimeProvider? time = null) => new ClosedRegistry(time)
        .Set("Issuers:cluster:Issuer", _issuer.Issuer).Set("Issuers:cluster:Audience", OidcIssuer.Audience);
}

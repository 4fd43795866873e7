using System.Net;
using Nixery.Server.Access.Logins;
using Nixery.Tests;

namespace Nixery.Server.Tests.Access;

public sealed class PasswordTests
{
    private const int Limit = 120_000;

    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    [Fact(Timeout = Limit)]
    public async Task With_passwords_alone_a_client_is_asked_for_Basic_and_let_in_with_the_right_one()
    {
        await using var registry = await new ClosedRegistry().StartAsync();

        var nothing = await registry.GetAsync("/v2/");
        var wrong = await registry.GetAsync("/v2/", ClosedRegistry.Basic("alice", "alice1235"));
        var unknown = await registry.GetAsync("/v2/", ClosedRegistry.Basic("mallory"));

        (nothing.Status, nothing.ErrorCode, nothing.Challenge).Should().Be((401, "UNAUTHORIZED", "Basic realm=\"nixery\""));
        (wrong.Status, wrong.ErrorCode, wrong.Challenge, wrong.Message).Should().Be((401, "UNAUTHORIZED", "Basic realm=\"nixery\"", "user or password is wrong"));
        (unknown.Status, unknown.Body).Should().Be((401, wrong.Body), "nobody learns who is a user");
        (await registry.GetAsync("/v2/", "Basic Og==")).Status.Should().Be(401, "an empty password is none");
        (await registry.GetAsync("/v2/", ClosedRegistry.Basic("alice"))).Body.Should().Be("{}");
        (await registry.PullAsync("hello", ClosedRegistry.Basic("alice"))).Status.Should().Be(200);
        (await registry.PullAsync("hello", ClosedRegistry.Basic("alice", "alice1235"))).Status.Should().Be(401);
        (await registry.PullAsync("hello")).Status.Should().Be(401);
    }

    [Theory(Timeout = Limit)]
    [InlineData("ci", 200)]
    [InlineData("token", 200)]
    [InlineData("alice", 401)]
    public async Task A_static_token_is_a_password_of_its_user(string user, int status)
    {
        await using var registry = await new ClosedRegistry().StartAsync();

        (await registry.PullAsync("hello", ClosedRegistry.Basic(user, ClosedRegistry.StaticToken))).Status.Should().Be(status);
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(ClosedRegistry.StaticToken))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task Who_guesses_has_to_wait_and_who_was_let_in_before_has_not()
    {
        var time = new ManualTime();
        using var failed = new FailedLogins(most: 3, time);
        using var passwords = new PasswordCheck(failed);
        var users = Users.Parse(string.Join('\n', ClosedRegistry.LineOf("alice"), ClosedRegistry.LineOf("bob")));
        (await CheckAsync("alice", "alice1234")).Should().BeOfType<LoginOutcome.Known>();

        for (var i = 0; i < 3; i++)
        {
            (await CheckAsync("bob", $"guess {i}")).Should().BeOfType<LoginOutcome.Refused>();
            (await CheckAsync("alice", "alice1234")).Should().BeOfType<LoginOutcome.Known>("what was right counts for nothing");
        }

        (await CheckAsync("bob", "bob1234")).Should().BeOfType<LoginOutcome.TooMany>().Which.Wait.Should().BePositive();
        (await CheckAsync("alice", "alice1234")).Should().BeOfType<LoginOutcome.Known>("it is remembered");
        (await CheckAsync("bob", "bob1234", "192.0.2.2")).Should().BeOfType<LoginOutcome.Known>("from elsewhere");
        time.Advance(TimeSpan.FromMinutes(1));
        (await CheckAsync("bob", "bob1234")).Should().BeOfType<LoginOutcome.Known>();

        async Task<LoginOutcome> CheckAsync(string user, string password, string from = "192.0.2.1") =>
            await passwords.CheckAsync(users, (Credentials.Password)Credentials.Of(user, password), IPAddress.Parse(from), CancellationToken.None);
    }

    [Fact]
    public void All_addresses_of_a_network_of_IPv6_are_one()
    {
        using var failed = new FailedLogins(most: 1, new ManualTime());

        failed.TryBegin(IPAddress.Parse("2001:db8::1"), out _).Should().BeTrue();
        failed.TryBegin(IPAddress.Parse("2001:db8::2"), out _).Should().BeFalse();
        failed.TryBegin(IPAddress.Parse("2001:db8:0:1::1"), out _).Should().BeTrue();
    }

    [Fact]
    public void Tries_that_are_not_over_yet_count()
    {
        using var failed = new FailedLogins(most: 2, new ManualTime());

        failed.TryBegin(Here, out _).Should().BeTrue();
        failed.TryBegin(Here, out _).Should().BeTrue();
        failed.TryBegin(Here, out var wait).Should().BeFalse();
        wait.Should().Be(TimeSpan.FromMinutes(1));
        failed.Forgive(Here);
        failed.TryBegin(Here, out _).Should().BeTrue();
    }

    [Fact(Timeout = Limit)]
    public async Task A_remembered_password_is_no_more_when_the_user_has_another_or_is_gone()
    {
        using var failed = new FailedLogins(most: 100, TimeProvider.System);
        using var passwords = new PasswordCheck(failed);
        var given = (Credentials.Password)Credentials.Of("alice", "alice1234");
        (await CheckAsync(ClosedRegistry.LineOf("alice"))).Should().BeOfType<LoginOutcome.Known>();

        (await CheckAsync(ClosedRegistry.LineOf("alice", "new"))).Should().BeOfType<LoginOutcome.Refused>();
        (await CheckAsync(ClosedRegistry.LineOf("bob"))).Should().BeOfType<LoginOutcome.Refused>();

        async Task<LoginOutcome> CheckAsync(string line) => await passwords.CheckAsync(Users.Parse(line), given, Here, CancellationToken.None);
    }

    [Fact(Timeout = Limit)]
    public async Task Many_guesses_over_HTTP_are_answered_429_and_told_when_to_come_back()
    {
        await using var registry = await new ClosedRegistry().Set("MostFailedLogins", "5").StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => registry.GetAsync("/v2/", ClosedRegistry.Basic("alice", $"guess {i}"))));

        answers.Count(a => a.Status == 401).Should().Be(5);
        answers.Where(a => a.Status != 401).Should().OnlyContain(a => a.Status == 429 && a.ErrorCode == "TOOMANYREQUESTS" && a.Headers.RetryAfter != null);
        (await registry.GetAsync("/v2/", ClosedRegistry.Bearer(ClosedRegistry.StaticToken))).Status.Should().Be(200);
    }
}

namespace Nixery.Server.Tests.Access;

/// <summary>What rules give, over HTTP.</summary>
public sealed class RuleTests
{
    private const int Limit = 120_000;

    private static readonly string Alice = ClosedRegistry.Basic("alice");
    private static readonly string Bob = ClosedRegistry.Basic("bob");

    [Fact(Timeout = Limit)]
    public async Task Who_may_only_pull_gets_an_image_once_who_may_build_has_had_it_built()
    {
        await using var registry = await new ClosedRegistry()
            .Rule(0, "user:alice", "Build", "hello/git").Rule(1, "users", "Pull", "*").StartAsync();

        var tooSoon = await registry.PullAsync("hello", Bob);
        var listTooSoon = await registry.GetAsync("/v2/hello/tags/list", Bob);
        registry.Inner.Builder.Evaluations.Should().Be(0, "who may not build has nothing looked up either");
        (await registry.PullAsync("hello", Alice)).Status.Should().Be(200);

        (tooSoon.Status, tooSoon.ErrorCode).Should().Be((403, "DENIED"));
        tooSoon.Message.Should().Contain("not stored here");
        (listTooSoon.Status, listTooSoon.ErrorCode).Should().Be((404, "NAME_UNKNOWN"));
        (await registry.PullAsync("hello", Bob)).Status.Should().Be(200);
        (await registry.PullAsync("arm64/hello", Bob)).Status.Should().Be(403);
        var list = (await registry.GetAsync("/v2/hello/tags/list", Bob)).Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).ToList();
        list.Should().HaveCount(2).And.Contain("latest");
        (await registry.GetAsync($"/v2/hello/manifests/{list.Single(t => t != "latest")}", Bob)).Status.Should().Be(200);
    }

    [Theory(Timeout = Limit)]
    [InlineData("git/hello")]
    [InlineData("hello/git")]
    [InlineData("hello/hello/git")]
    [InlineData("arm64/git/hello")]
    [InlineData("git/amd64")]
    [InlineData("shell/hello")]
    [InlineData("posix")]
    [InlineData("team/hello")]
    [InlineData("arm64/team/hello")]
    [InlineData("team/git")]
    [InlineData("hello.bin")]
    [InlineData("hellogit")]
    public async Task No_other_spelling_gets_past_a_rule(string name)
    {
        await using var registry = await new ClosedRegistry().Rule(0, "users", "Build", "hello").StartAsync();

        var answer = await registry.PullAsync(name, Alice);

        (answer.Status, answer.ErrorCode).Should().Be((403, "DENIED"), answer.Body);
        answer.Message.Should().Be($"alice may not pull '{name}': Nixery:Access:Rules:0 gives them hello; whoever runs this registry can give more");
        registry.Inner.Builder.Evaluations.Should().Be(0);
        foreach (var path in new[] { $"/v2/{name}/tags/list", $"/v2/{name}/blobs/sha256:{new string('0', 64)}", $"/v2/{name}/manifests/sha256:{new string('0', 64)}", $"/v2/{name}/referrers/sha256:{new string('0', 64)}" })
        {
            (await registry.GetAsync(path, Alice)).Status.Should().Be(403, path);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("hello", 200)]
    [InlineData("arm64/hello", 200)]
    [InlineData("hello/amd64/hello", 200)]
    [InlineData("HELLO", 400)]
    [InlineData("hello%2Fgit", 400)]
    public async Task Another_spelling_of_what_a_rule_gives_is_given_too_and_what_is_no_name_is_none(string name, int status)
    {
        await using var registry = await new ClosedRegistry().Rule(0, "users", "Build", "hello").StartAsync();

        (await registry.PullAsync(name, Alice)).Status.Should().Be(status);
    }

    [Fact(Timeout = Limit)]
    public async Task What_several_rules_give_adds_up_and_groups_come_from_their_file()
    {
        var registry = new ClosedRegistry();
        await using var disposed = registry;
        var groups = Path.Combine(registry.Inner.Folder, "groups");
        await File.WriteAllTextAsync(groups, "# who does what\nops: alice ci\nnone: bob\n");
        await registry.Set("GroupsFile", groups)
            .Rule(0, "users", "Build", "hello").Rule(1, "group:op*", "Build", "team/*").Rule(2, "user:ci", "Build", "**").StartAsync();

        (await registry.PullAsync("hello", Alice)).Status.Should().Be(200);
        (await registry.PullAsync("team/hello", Alice)).Status.Should().Be(200);
        (await registry.PullAsync("git", Alice)).Status.Should().Be(403);
        (await registry.PullAsync("hello", Bob)).Status.Should().Be(200);
        (await registry.PullAsync("team/hello", Bob)).Message.Should().Contain("Nixery:Access:Rules:0 gives them hello;");
        (await registry.PullAsync("git", ClosedRegistry.Bearer(ClosedRegistry.StaticToken))).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task Lists_name_what_the_caller_may_pull_and_the_status_is_for_who_may_pull_all()
    {
        var registry = new ClosedRegistry().Rule(0, "user:alice", "Build", "**").Rule(1, "user:bob", "Pull", "team/*");
        await using var disposed = registry;
        registry.Inner.More["Nixery:Http:Catalog"] = "true";
        await registry.StartAsync();
        (await registry.PullAsync("hello", Alice)).Status.Should().Be(200);
        (await registry.PullAsync("team/git", Alice)).Status.Should().Be(200);

        (await registry.GetAsync("/v2/_catalog", Alice)).Body.Should().Be("""{"repositories":["hello","team/git"]}""");
        (await registry.GetAsync("/v2/_catalog", Bob)).Body.Should().Be("""{"repositories":["team/git"]}""");
        var ci = await registry.GetAsync("/v2/_catalog", ClosedRegistry.Bearer(ClosedRegistry.StaticToken));
        ci.Message.Should().Contain("no rule of Nixery:Access:Rules is for them");
        (await registry.GetAsync("/v2/_catalog")).Status.Should().Be(401);
        (await registry.GetAsync("/status", Alice)).Status.Should().Be(200);
        (await registry.GetAsync("/status", Bob)).Status.Should().Be(403);
        (await registry.GetAsync("/status")).Status.Should().Be(401);
        (await registry.GetAsync("/")).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task What_not_everybody_may_have_is_kept_by_no_cache_that_many_share()
    {
        await using var closed = await new ClosedRegistry().StartAsync();
        var digest = (await closed.PullAsync("hello", Alice)).Headers.GetValues("Docker-Content-Digest").Single();
        await using var open = await new ClosedRegistry().Set("Anonymous", "build").StartAsync();
        await open.PullAsync("hello");

        (await closed.GetAsync($"/v2/hello/manifests/{digest}", Alice)).Headers.CacheControl!.ToString().Should().Contain("private");
        (await open.GetAsync($"/v2/hello/manifests/{digest}")).Headers.CacheControl!.ToString().Should().Contain("public");
    }

    [Fact(Timeout = Limit)]
    public async Task Rules_hold_where_nobody_can_log_in_and_the_answer_asks_for_no_login()
    {
        var registry = new ClosedRegistry().Set("HtpasswdFile", null).Set("TokensFile", null).Rule(0, "anonymous", "Build", "hello");
        await using var disposed = registry;
        await registry.StartAsync();

        (await registry.GetAsync("/v2/")).Status.Should().Be(200);
        (await registry.PullAsync("hello")).Status.Should().Be(200);
        (await registry.PullAsync("hello", "Basic nonsense")).Status.Should().Be(200);
        var answer = await registry.PullAsync("git");
        (answer.Status, answer.ErrorCode, answer.Challenge).Should().Be((403, "DENIED", ""));
        (await registry.GetAsync("/token")).Status.Should().Be(404);
    }
}

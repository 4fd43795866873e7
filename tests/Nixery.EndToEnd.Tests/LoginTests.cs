using Nixery.Doubles;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>docker, podman, skopeo and containerd at a registry that wants to know who they are; passwords by Apache's own htpasswd.</summary>
public sealed class LoginTests(OverlayDocker docker, PodmanStore podman, ContainerdDaemon containerd)
    : IClassFixture<OverlayDocker>, IClassFixture<PodmanStore>, IClassFixture<ContainerdDaemon>, IAsyncLifetime, IDisposable
{
    private const int Limit = 300_000;
    private const string Image = "htop";
    private const string Password = "correct horse: battery staple";
    private const string StaticToken = "b61f0bb8a0e34c9f0a6ff0d2d6a0be3f";

    private readonly TemporaryFolder _folder = new();
    private OidcIssuer _issuer = null!;

    private string Passwords => _folder.Inner("htpasswd");

    public async Task InitializeAsync()
    {
        _issuer = await OidcIssuer.StartAsync();
        await SetPasswordAsync("alice", Password, create: true);
        _folder.Write("tokens", $"# of the CI\nci:{StaticToken}\n");
    }

    public async Task DisposeAsync() => await _issuer.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task With_passwords_alone_each_client_logs_in_and_pulls_and_is_told_when_it_cannot()
    {
        await using var server = await ServeAsync();

        await AllClientsAsync(server, "alice", Password);
        await AllClientsAsync(server, "ci", StaticToken);

        (await docker.RunAsync("--config", Config("nobody"), "pull", Reference(server))).Should().Match<Ran>(r => r.ExitCode != 0 && r.Errors.Contains("basic auth", StringComparison.Ordinal));
        var anonymous = await SkopeoAsync(server);
        anonymous.ExitCode.Should().NotBe(0);
        anonymous.Errors.Should().Contain("docker login");
        (await containerd.PullAsync($"{Reference(server)}:latest")).Should().Match<Ran>(r => r.ExitCode != 0 && r.Errors.Contains(": 401 ", StringComparison.Ordinal));
        server.Log.Should().NotContain(Password).And.NotContain(StaticToken).And.NotContain(" ERR ");
    }

    [Fact(Timeout = Limit)]
    public async Task With_an_issuer_each_client_logs_in_by_the_token_flow_with_its_tokens_and_with_passwords()
    {
        await using var server = await ServeAsync(Issuer);
        var token = _issuer.Sign("system:serviceaccount:team:builder");

        await AllClientsAsync(server, "oidc", token);
        await AllClientsAsync(server, "alice", Password);
        await AllClientsAsync(server, "token", StaticToken);

        var late = _issuer.Sign("system:serviceaccount:team:builder", ("exp", 1_700_000_000));
        var expired = await SkopeoAsync(server, "--creds", $"oidc:{late}");
        expired.ExitCode.Should().NotBe(0);
        (await SkopeoAsync(server)).ExitCode.Should().NotBe(0);
        server.Log.Should().NotContain(token).And.NotContain(late).And.Contain("expired").And.NotContain(" ERR ");
    }

    [Fact(Timeout = Limit)]
    public async Task Who_has_no_password_pulls_what_anonymous_may_and_who_has_one_gets_more()
    {
        await using var server = await ServeAsync(
            ("Nixery__Access__Anonymous", "pull"),
            ("Nixery__Access__Rules__0__Who", "everybody"),
            ("Nixery__Access__Rules__0__Pull__0", "htop"),
            ("Nixery__Access__Rules__1__Who", "group:admins"),
            ("Nixery__Access__Rules__1__Build__0", "*"),
            ("Nixery__Access__GroupsFile", _folder.Write("groups", "admins: alice\n")));

        var tooSoon = await SkopeoAsync(server);
        tooSoon.ExitCode.Should().NotBe(0);
        tooSoon.Errors.Should().Contain("is not stored here");
        (await SkopeoAsync(server, "--creds", $"alice:{Password}")).Succeeded();

        (await SkopeoAsync(server)).Succeeded();
        (await docker.RunAsync("--config", Config("nobody"), "pull", "--quiet", Reference(server))).Succeeded();
        (await podman.RunAsync("pull", "--quiet", "--tls-verify=false", Reference(server))).Succeeded();

        var more = await docker.RunAsync("--config", Config("nobody"), "pull", "--quiet", $"{server.Host}/git");
        more.ExitCode.Should().NotBe(0);
        (await docker.RunAsync("--config", Config("alice"), "login", "--username", "alice", "--password", Password, server.Host)).Succeeded();
        (await docker.RunAsync("--config", Config("alice"), "pull", "--quiet", $"{server.Host}/git")).Succeeded();
    }

    [Fact(Timeout = Limit)]
    public async Task A_user_who_is_added_or_taken_away_or_has_a_new_password_is_known_without_a_restart()
    {
        await using var server = await ServeAsync();
        (await SkopeoAsync(server, "--creds", $"alice:{Password}")).Succeeded();

        await SetPasswordAsync("bob", "first", create: false);
        await Eventually.Async(async () => (await SkopeoAsync(server, "--creds", "bob:first")).ExitCode == 0, "bob may log in");
        await SetPasswordAsync("bob", "second", create: false);
        await Eventually.Async(async () => (await SkopeoAsync(server, "--creds", "bob:second")).ExitCode == 0, "bob has a new password");
        (await SkopeoAsync(server, "--creds", "bob:first")).ExitCode.Should().NotBe(0);

        var good = await File.ReadAllTextAsync(Passwords);
        await File.WriteAllTextAsync(Passwords, "what is this\n");
        await Eventually.Async(() => server.Log.Contains("stays in force: line 1 is not of the form name:value", StringComparison.Ordinal), "the log tells of the broken file");
        (await SkopeoAsync(server, "--creds", "bob:second")).Succeeded();

        await File.WriteAllLinesAsync(Passwords, good.Split('\n').Where(l => !l.StartsWith("alice", StringComparison.Ordinal)));
        await Eventually.Async(async () => (await SkopeoAsync(server, "--creds", $"alice:{Password}")).ExitCode != 0, "alice is out");
        (await SkopeoAsync(server, "--creds", "bob:second")).Succeeded();
    }

    private (string, string)[] Issuer =>
    [
        ("Nixery__Access__Issuers__cluster__Issuer", _issuer.Issuer),
        ("Nixery__Access__Issuers__cluster__Audience", OidcIssuer.Audience),
    ];

    /// <summary>Each with the right password and, for its user, with a wrong one.</summary>
    private async Task AllClientsAsync(RunningServer server, string user, string password)
    {
        var config = Config(Guid.NewGuid().ToString("N"));
        var auth = Path.Combine(config, "podman.json");
        var wrong = password[..^2] + "xy";

        (await docker.RunAsync("--config", config, "login", "--username", user, "--password", wrong, server.Host)).ExitCode.Should().NotBe(0);
        (await docker.RunAsync("--config", config, "login", "--username", user, "--password", password, server.Host)).Succeeded();
        (await docker.RunAsync("--config", config, "pull", "--quiet", Reference(server))).Succeeded();

        (await podman.RunAsync("login", "--tls-verify=false", "--authfile", auth, "--username", user, "--password", wrong, server.Host)).ExitCode.Should().NotBe(0);
        (await podman.RunAsync("login", "--tls-verify=false", "--authfile", auth, "--username", user, "--password", password, server.Host)).Succeeded();
        (await podman.RunAsync("pull", "--quiet", "--tls-verify=false", "--authfile", auth, Reference(server))).Succeeded();

        (await SkopeoAsync(server, "--creds", $"{user}:{password}")).Succeeded();
        (await SkopeoAsync(server, "--creds", $"{user}:{wrong}")).ExitCode.Should().NotBe(0);

        // Twice: with what it has of the image already it is asked all the same.
        (await containerd.PullAsync($"{user}:{wrong}", $"{Reference(server)}:latest")).ExitCode.Should().NotBe(0);
        (await containerd.PullAsync($"{user}:{password}", $"{Reference(server)}:latest")).Succeeded();
        (await containerd.PullAsync($"{user}:{wrong}", $"{Reference(server)}:latest")).ExitCode.Should().NotBe(0);
    }

    private Task<RunningServer> ServeAsync(params IEnumerable<(string Name, string Value)> more) => RunningServer.StartAsync(
        _folder.Path,
        new Dictionary<string, string?>(more.Select(m => new KeyValuePair<string, string?>(m.Name, m.Value)))
        {
            ["Nixery__Access__HtpasswdFile"] = Passwords,
            ["Nixery__Access__TokensFile"] = _folder.Inner("tokens"),
        });

    private static string Reference(RunningServer server) => $"{server.Host}/{Image}";

    private static Task<Ran> SkopeoAsync(RunningServer server, params IEnumerable<string> options) =>
        Programs.RunAsync("skopeo", ["inspect", "--tls-verify=false", .. options.DefaultIfEmpty("--no-creds"), $"docker://{Reference(server)}"]);

    private string Config(string name) => Directory.CreateDirectory(_folder.Inner($"config-{name}")).FullName;

    private async Task SetPasswordAsync(string user, string password, bool create) =>
        (await Programs.RunAsync("htpasswd", create ? "-cBb" : "-Bb", Passwords, user, password)).Succeeded();
}

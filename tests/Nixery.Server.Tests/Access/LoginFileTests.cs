using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Server.Access.Logins;

namespace Nixery.Server.Tests.Access;

public sealed class LoginFileTests : IDisposable
{
    // Made by htpasswd -nbBC 5 of Apache 2.4.
    private const string ByApache = "alice:$2y$05$xQ0DhKGOgUgxc662lwn0VOOxKg08ESFc.998Q198hutapFLvBrofa";

    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-logins-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_line_of_htpasswd_is_read_and_its_password_is_right()
    {
        var users = Users.Parse($"# people\r\n\r\n{ByApache}\r\n");

        users.Has("alice").Should().BeTrue();
        BCrypt.Net.BCrypt.Verify("s3cret-pass", users.HashOf("alice")).Should().BeTrue();
        BCrypt.Net.BCrypt.Verify("s3cret-pass", users.HashOf("nobody")).Should().BeFalse();
        users.HashOf("nobody")[4..6].Should().Be("05", "who is no user takes as long as who is");
    }

    [Theory]
    [InlineData("alice", "line 1 is not of the form name:value")]
    [InlineData(":x", "line 1 is not of the form")]
    [InlineData("\nal ice:x", "line 2 is not of the form")]
    [InlineData("alice:$apr1$abc$secret", "line 1 ('alice') has no bcrypt hash; htpasswd -B makes one")]
    [InlineData("alice:plain-secret", "has no bcrypt hash")]
    [InlineData("alice:$2y$31$xQ0DhKGOgUgxc662lwn0VOOxKg08ESFc.998Q198hutapFLvBrofa", "has a cost that is not 4 to 15")]
    [InlineData(ByApache + "\n" + ByApache, "line 2 ('alice') is of a user who is there already")]
    public void What_is_wrong_with_a_line_of_passwords_is_said_and_nothing_that_is_secret(string text, string problem)
    {
        var said = FluentActions.Invoking(() => Users.Parse(text)).Should().Throw<FormatException>().Which.Message;

        said.Should().Contain(problem).And.NotContain("secret").And.NotContain("xQ0");
    }

    [Theory]
    [InlineData("ci:short-secret", "fewer than 20 characters")]
    [InlineData("ci:sha256:1234-secret", "no digest after sha256:")]
    [InlineData("ci:a secret that has spaces in it", "other characters")]
    [InlineData("ci:0123456789abcdef0123\nci:0123456789abcdef0123", "line 2 ('ci') has a token that is there already")]
    public void What_is_wrong_with_a_line_of_tokens_is_said_and_nothing_that_is_secret(string text, string problem) =>
        FluentActions.Invoking(() => StaticTokens.Parse(text)).Should().Throw<FormatException>().Which.Message.Should().Contain(problem).And.NotContain("secret");

    [Fact]
    public void A_token_is_found_by_itself_or_by_its_digest()
    {
        // printf %s 0123456789abcdef0123 | sha256sum
        const string Digest = "1bd8fd47297046f993e608e398d5905b00a33e163c6b1172dd38887fed05ed6a";
        var tokens = StaticTokens.Parse($"a:aaaaaaaaaaaaaaaaaaaaaaaa\nb:sha256:{Digest}");

        tokens.Find("aaaaaaaaaaaaaaaaaaaaaaaa")!.Value.User.Should().Be("a");
        tokens.Find("0123456789abcdef0123")!.Value.User.Should().Be("b");
        tokens.Find(Digest).Should().BeNull("who has read the file has no token");
    }

    [Fact]
    public void A_key_file_has_secrets_that_are_long_enough()
    {
        SigningKeys.Parse(new string('a', 32) + "\n" + new string('b', 40)).All.Should().HaveCount(2);
        FluentActions.Invoking(() => SigningKeys.Parse("# none\n")).Should().Throw<FormatException>().Which.Message.Should().Contain("no secret");
        FluentActions.Invoking(() => SigningKeys.Parse("too-secret")).Should().Throw<FormatException>().Which.Message.Should().Contain("line 1 is short").And.NotContain("too-secret");
    }

    [Fact]
    public void A_file_that_has_changed_counts_when_it_stands_still_and_a_broken_one_changes_nothing()
    {
        var path = Path.Combine(_folder, "groups");
        File.WriteAllText(path, "ops: alice\n");
        var file = new WatchedFile<Groups>(path, Groups.Parse, NullLogger.Instance);

        File.WriteAllText(path, "ops: bo");
        file.Look();
        File.WriteAllText(path, "ops: bob\n");
        file.Look();
        file.Current.Of("alice").Should().Equal("ops");
        file.Look();
        file.Current.Of("bob").Should().Equal("ops");
        file.Current.Of("bo").Should().BeEmpty();

        foreach (var broken in new[] { "nonsense", null })
        {
            Break(path, broken);
            file.Look();
            file.Look();
            file.Current.Of("bob").Should().Equal("ops");
        }

        File.WriteAllText(path, "ops: carol\n");
        file.Look();
        file.Look();
        file.Current.Of("carol").Should().Equal("ops");
    }

    [Fact]
    public void A_file_behind_a_link_that_is_turned_is_read_again()
    {
        // As Kubernetes mounts a Secret: the file is a link into a folder that is a link.
        foreach (var (folder, text) in new[] { ("one", "ops: alice\n"), ("two", "ops: bob\n") })
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, "groups"), text);
            File.SetLastWriteTimeUtc(Path.Combine(_folder, folder, "groups"), DateTime.UnixEpoch);
        }

        var data = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(data, "one");
        File.CreateSymbolicLink(Path.Combine(_folder, "groups"), Path.Combine("..data", "groups"));
        var file = new WatchedFile<Groups>(Path.Combine(_folder, "groups"), Groups.Parse, NullLogger.Instance);

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "two");
        file.Look();
        file.Look();

        file.Current.Of("bob").Should().Equal("ops");
    }

    private static void Break(string path, string? content)
    {
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }
    }
}

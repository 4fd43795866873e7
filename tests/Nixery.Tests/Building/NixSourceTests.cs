using Nixery.Building;
using Nixery.Sources;

namespace Nixery.Tests.Building;

/// <summary>The shapes that a package set may have, and the ways in which it may fail to be one.</summary>
[Collection(NixCollection.Name)]
public sealed class NixSourceTests : IDisposable
{
    private const int Limit = 120_000;
    private const string Package = """a = derivation { name = "a-1"; inherit system; builder = "/bin/sh"; };""";
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Theory(Timeout = Limit)]
    [InlineData("let system = \"x86_64-linux\"; in { " + Package + " }")]
    [InlineData("{ system }: { " + Package + " }")]
    [InlineData("{ localSystem ? { inherit system; }, system ? throw \"system\", crossSystem ? null, config ? throw \"config\", overlays ? throw \"overlays\", ... }@args: assert args.config == { } && args.overlays == [ ]; { " + Package + " }")]
    [InlineData("args: assert args.config == { } && args.overlays == [ ]; let inherit (args) system; in { " + Package + " }")]
    public async Task Attribute_sets_and_functions_to_them_are_package_sets(string set) =>
        (await _nix.EvaluateAsync(_nix.Set(set), "a")).Should().BeOfType<EvaluationOutcome.Answered>()
            .Which.Answers[0].Should().BeOfType<PackageAnswer.Available>();

    [Theory(Timeout = Limit)]
    [InlineData("{ a = 1", "the package set does not parse: syntax error, unexpected end of file, expecting ';'")]
    [InlineData("7", "the package set cannot be evaluated: the package set is no attribute set")]
    [InlineData("{ wanted }: { }", "the package set cannot be evaluated: *'wanted'*")]
    [InlineData("abort ''This version of Nixpkgs requires Nix >= 99.1, please upgrade:\n\n- x''", "the package set needs Nix 99.1 or newer, and this server has an older one")]
    public async Task A_set_that_fails_as_a_whole_is_unavailable(string set, string explanation) =>
        (await _nix.EvaluateAsync(_nix.Set(set), "a", "b")).Should().BeOfType<EvaluationOutcome.Unavailable>()
            .Which.Explanation.Should().Match(explanation).And.NotContain(_nix.Folder);

    [Fact(Timeout = Limit)]
    public async Task A_folder_without_a_set_is_unavailable() =>
        (await _nix.EvaluateAsync(new PinnedSource.Folder(_nix.Folder, ""), "a")).Should().BeOfType<EvaluationOutcome.Unavailable>()
            .Which.Explanation.Should().Be("the package set is not there: its folder on this server has no default.nix");

    [Fact(Timeout = Limit)]
    public async Task Without_Nix_all_is_unavailable()
    {
        var set = _nix.Set("{ }");
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", "/nowhere");
        try
        {
            (await _nix.EvaluateAsync(set, "a")).Should().Be(new EvaluationOutcome.Unavailable("Nix is not installed on this server"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_tarball_is_unpacked_and_evaluated()
    {
        _nix.Set("{ system, ... }: { " + Package + " }");
        var tarball = Path.Combine(_nix.Folder, "set.tar.gz");
        await _nix.RunAsync("tar", "-C", _nix.Folder, "-czf", tarball, "--transform", "s,^,set/,", "default.nix");

        (await _nix.EvaluateAsync(new PinnedSource.Tarball(new Uri(tarball), "x"), "a")).Should().BeOfType<EvaluationOutcome.Answered>()
            .Which.Answers[0].Should().BeOfType<PackageAnswer.Available>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_git_repository_is_read_at_its_commit_and_dated_by_it()
    {
        _nix.Set("{ system, ... }: { " + Package + " }");
        string[] git = ["-C", _nix.Folder, "-c", "user.name=t", "-c", "user.email=t@t.invalid"];
        _nix.With("GIT_COMMITTER_DATE", "1700000000 +0000");
        await _nix.RunAsync("git", [.. git, "init", "-q"]);
        await _nix.RunAsync("git", [.. git, "add", "default.nix"]);
        await _nix.RunAsync("git", [.. git, "commit", "-qm", "set"]);
        var commit = (await _nix.RunAsync("git", [.. git, "rev-parse", "HEAD"])).Trim();

        var answered = (await _nix.EvaluateAsync(new PinnedSource.Git($"file://{_nix.Folder}", commit), "a"))
            .Should().BeOfType<EvaluationOutcome.Answered>().Subject;

        answered.Answers[0].Should().BeOfType<PackageAnswer.Available>();
        answered.LastModified.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1700000000));
    }

    [Fact(Timeout = Limit)]
    public async Task An_unreachable_host_is_said_without_the_password()
    {
        var git = await _nix.EvaluateAsync(new PinnedSource.Git("https://someone:pass-word@127.0.0.1:1/set", new string('a', 40)), "a");
        var tarball = await _nix.EvaluateAsync(new PinnedSource.Tarball(new Uri("http://someone:pass-word@127.0.0.1:1/set.tar.gz"), "x"), "a");

        git.Should().BeOfType<EvaluationOutcome.Unavailable>().Which.Explanation.Should()
            .StartWith("the package set's git repository cannot be read").And.NotContain("pass-word");
        tarball.Should().BeOfType<EvaluationOutcome.Unavailable>().Which.Explanation.Should()
            .StartWith("the package set cannot be downloaded").And.NotContain("pass-word");
    }

    [Fact(Timeout = Limit)]
    public async Task A_set_that_never_ends_is_timed_out()
    {
        await _nix.RunAsync("mkfifo", Path.Combine(_nix.Folder, "never"));
        var evaluation = _nix.EvaluateAsync(_nix.Set("builtins.trace \"reading\" (builtins.readFile ./never)"), "a");
        await _nix.Log.LineWith("reading");
        _nix.Time.Advance(_nix.Timeout);

        (await evaluation).Should().Be(new EvaluationOutcome.TimedOut(_nix.Timeout));
    }
}

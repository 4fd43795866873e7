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
    public async Task What_the_config_of_a_set_allows_can_be_had_and_nothing_else()
    {
        var all = await ReasonsAsync(new NixpkgsConfig());
        var unfree = await ReasonsAsync(new NixpkgsConfig { AllowUnfree = true });
        var some = await ReasonsAsync(new NixpkgsConfig { AllowUnfreePackages = ["paid"], PermittedInsecurePackages = ["holey-1.0"] });

        all.Should().Equal("Unfree", "Unfree", "Insecure");
        unfree.Should().Equal("had", "had", "Insecure");
        some.Should().Equal("had", "Unfree", "had");
    }

    [Fact(Timeout = Limit)]
    public async Task A_refusal_names_the_setting_of_its_set()
    {
        var set = Strict() with { Arguments = new PackageArguments("team", new NixpkgsConfig(), []) };

        ((PackageAnswer.Refused)(await AnswersAsync(set, "paid"))[0]).Explanation.Should()
            .Contain("Nixery:Sets:team:Config:AllowUnfree").And.Contain("NIXPKGS_ALLOW_UNFREE=1");
        ((PackageAnswer.Refused)(await AnswersAsync(set, "holey"))[0]).Explanation.Should()
            .Contain("Nixery:Sets:team:Config:PermittedInsecurePackages").And.Contain("NIXPKGS_ALLOW_INSECURE=1");
    }

    [Fact(Timeout = Limit)]
    public async Task Overlays_change_the_set_in_their_order()
    {
        var first = Overlay("first.nix", "self: super: { extra = super.base // { name = \"extra-1\"; }; }");
        var folder = Overlay("second/default.nix", "import ./inner.nix");
        Overlay("second/inner.nix", "self: super: { extra = super.extra // { name = \"extra-2\"; }; }");
        var set = Strict() with
        {
            Arguments = new PackageArguments("", new NixpkgsConfig(), [new Overlay(first, "1"), new Overlay(Path.GetDirectoryName(folder)!, "2")]),
        };

        (await AnswersAsync(Strict(), "extra"))[0].Should().BeOfType<PackageAnswer.NotFound>();
        (await AnswersAsync(set, "extra"))[0].Should().BeOfType<PackageAnswer.Available>().Which.Package.NameAndVersion.Should().Be("extra-2");
    }

    private async Task<IEnumerable<string>> ReasonsAsync(NixpkgsConfig config) =>
        (await AnswersAsync(Strict() with { Arguments = new PackageArguments("", config, []) }, "paid", "dear", "holey"))
        .Select(a => a is PackageAnswer.Refused refused ? refused.Reason.ToString() : a is PackageAnswer.Available ? "had" : "absent");

    private async Task<IReadOnlyList<PackageAnswer>> AnswersAsync(PinnedSource set, params string[] names) =>
        (await _nix.EvaluateAsync(set, names)).Should().BeOfType<EvaluationOutcome.Answered>().Which.Answers;

    /// <summary>A set that refuses and is extended as nixpkgs does it.</summary>
    private PinnedSource.Folder Strict() => _nix.Set(
        """
        { system, config ? { }, overlays ? [ ] }:
        let
          build = name: derivation { inherit name system; builder = "/bin/sh"; };
          checked = name: pname: meta: isAllowed:
            let package = build name; in package // { inherit pname meta; } // (if isAllowed then { } else {
              meta = meta // { available = false; };
              drvPath = throw "refused";
              outPath = throw "refused";
            });
          unfree = pname: let name = "${pname}-1.0"; in checked name pname { unfree = true; }
            (config.allowUnfree or false || (config.allowUnfreePredicate or (package: false)) { inherit pname name; });
          base = {
            base = build "base-1";
            paid = unfree "paid";
            dear = unfree "dear";
            holey = checked "holey-1.0" "holey" { insecure = true; } (builtins.elem "holey-1.0" (config.permittedInsecurePackages or [ ]));
          };
        in
        builtins.foldl' (super: overlay: super // overlay super super) base overlays
        """);

    private string Overlay(string name, string text)
    {
        var path = Path.Combine(_nix.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
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

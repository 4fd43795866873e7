using Nixery.Building;
using Nixery.Images;

namespace Nixery.Tests.Building;

[Collection(NixCollection.Name)]
public sealed class NixEvaluationTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_package_tells_all_that_the_set_says_of_it()
    {
        var package = await _nix.PackageAsync("hello");

        package.Should().BeEquivalentTo(new
        {
            AttributePath = "hello",
            NameAndVersion = "hello-2.0",
            Version = "2.0",
            MainProgram = "hello",
            Description = "Says hello",
            Licences = new[] { "MIT", "bsd3", "Some Licence", "Public Domain" },
        });
        package.DerivationPath.Name.Should().Be("hello-2.0.drv");
        package.Outputs.Should().ContainSingle().Which.Path.Name.Should().Be("hello-2.0");
    }

    [Theory(Timeout = Limit)]
    [InlineData("camelcase", "camelCase", "camel-1")]
    [InlineData("twice", "TWICE", "twice-upper-1")]
    [InlineData("7zip", "_7zip", "7zip-1")]
    [InlineData("capitalpackages.numpy", "capitalPackages.NumPy", "numpy-1.26")]
    [InlineData("capitalpackages.deeper.bottom", "capitalPackages.deeper.Bottom", "bottom-1")]
    public async Task Names_are_found_without_their_capitals_and_underscores(string name, string path, string nameAndVersion) =>
        (await _nix.PackageAsync(name)).Should().BeEquivalentTo(new { AttributePath = path, NameAndVersion = nameAndVersion });

    [Theory(Timeout = Limit)]
    [InlineData("toolkit", "bin man")]
    [InlineData("toolkit.dev", "dev")]
    [InlineData("toolkit.out", "out")]
    [InlineData("plainoutputs", "out")]
    [InlineData("plainoutputs.dev", "dev")]
    public async Task The_outputs_are_those_that_the_package_installs_or_the_one_named(string name, string outputs)
    {
        var package = await _nix.PackageAsync(name);

        string.Join(' ', package.Outputs.Select(o => o.Name)).Should().Be(outputs);
        package.Outputs.Should().OnlyContain(o => o.Name == "out" || o.Path.Name.EndsWith("-" + o.Name, StringComparison.Ordinal));
    }

    [Theory(Timeout = Limit)]
    [InlineData("sayhello", "nested.greeter tool")]
    [InlineData("notable", "")]
    [InlineData("wrong", "")]
    [InlineData("nothing", "")]
    public async Task Who_asks_for_a_command_is_told_which_packages_have_it(string name, string providers) =>
        string.Join(' ', (await _nix.AnswerAsync(name)).Should().BeOfType<PackageAnswer.NotFound>().Which.Providers).Should().Be(providers);

    [Theory(Timeout = Limit)]
    [InlineData("helo", "hello")]
    [InlineData("capitalpackages.nump", "capitalpackages.numpy")]
    [InlineData("toolkit.bins", "toolkit.bin")]
    [InlineData("7zipp", "7zip")]
    public async Task A_missing_package_brings_the_nearest_names(string name, string nearest) =>
        (await _nix.AnswerAsync(name)).Should().BeOfType<PackageAnswer.NotFound>().Which.Nearest.Should().HaveElementAt(0, nearest);

    [Theory(Timeout = Limit)]
    [InlineData("afunction")]
    [InlineData("anumber")]
    [InlineData("capitalpackages")]
    [InlineData("hello.nothing.deeper")]
    public async Task What_is_no_derivation_is_not_found(string name) =>
        (await _nix.AnswerAsync(name)).Should().BeOfType<PackageAnswer.NotFound>();

    [Theory(Timeout = Limit)]
    [InlineData("unfree", RefusalReason.Unfree, "unfree (unfree-1.0) has an unfree licence (bsl11); who runs this registry can allow it with the setting Nixery:Source:Config:AllowUnfree, or with NIXPKGS_ALLOW_UNFREE=1 in the server's environment")]
    [InlineData("insecure", RefusalReason.Insecure, "insecure (insecure-1.0) is marked as insecure; who runs this registry can allow it with the setting Nixery:Source:Config:PermittedInsecurePackages, or with NIXPKGS_ALLOW_INSECURE=1 in the server's environment")]
    [InlineData("broken", RefusalReason.Broken, "broken (broken-1.0) is marked as broken; who runs this registry can allow it with NIXPKGS_ALLOW_BROKEN=1 in the server's environment")]
    [InlineData("unsupported", RefusalReason.UnsupportedPlatform, "unsupported (unsupported-1.0) is not available for linux/amd64; ask for another platform, or who runs this registry can allow it with NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM=1 in the server's environment")]
    [InlineData("needsunfree", RefusalReason.Unfree, "needsunfree needs inner-1.0, which has an unfree licence (bsl11); who runs this registry can allow it with the setting Nixery:Source:Config:AllowUnfree, or with NIXPKGS_ALLOW_UNFREE=1 in the server's environment")]
    [InlineData("removedalias", RefusalReason.EvaluationFailed, "removedalias cannot be evaluated: removedAlias was removed on 2024-01-01; use hello instead")]
    [InlineData("aborts", RefusalReason.EvaluationFailed, "aborts cannot be evaluated: this package gives up")]
    [InlineData("recurses", RefusalReason.EvaluationFailed, "recurses cannot be evaluated: infinite recursion encountered")]
    [InlineData("missinginside", RefusalReason.EvaluationFailed, "missinginside cannot be evaluated: attribute 'nothingLikeThis' missing")]
    [InlineData("wrongtype", RefusalReason.EvaluationFailed, "wrongtype cannot be evaluated: cannot add a string to an integer")]
    public async Task A_refusal_names_the_package_the_reason_and_what_helps(string name, RefusalReason reason, string explanation)
    {
        var refused = (await _nix.AnswerAsync(name)).Should().BeOfType<PackageAnswer.Refused>().Subject;

        refused.Reason.Should().Be(reason);
        refused.Explanation.Should().Be(explanation);
    }

    [Fact(Timeout = Limit)]
    public async Task One_bad_name_does_not_harm_the_others_and_answers_keep_the_order()
    {
        string[] names = ["hello", "aborts", "nosuch", "recurses", "unfree", "toolkit", "missinginside", "removedalias", "7zip"];

        var answers = await _nix.AnswersAsync(names);

        answers.Select(a => a.Name.Text).Should().Equal(names);
        string.Join(' ', answers.Select(a => a.GetType().Name)).Should()
            .Be("Available Refused NotFound Refused Refused Available Refused Refused Available");
    }

    [Fact(Timeout = Limit)]
    public async Task The_settings_of_nixpkgs_are_read_from_the_environment()
    {
        _nix.With("NIXPKGS_ALLOW_UNFREE", "1");

        (await _nix.AnswerAsync("unfree")).Should().BeOfType<PackageAnswer.Available>();
    }

    [Fact(Timeout = Limit)]
    public async Task What_the_server_allows_is_not_the_reason_of_a_refusal()
    {
        _nix.With("NIXPKGS_ALLOW_UNFREE", "1");

        (await _nix.AnswerAsync("unfreeandbroken")).Should().BeOfType<PackageAnswer.Refused>().Which.Reason.Should().Be(RefusalReason.Broken);
    }

    [Fact(Timeout = Limit)]
    public async Task Each_platform_has_its_own_derivations()
    {
        var names = new[] { PackageName.Parse("hello") };

        var arm = await _nix.Builder().EvaluateAsync(NixBench.Fixture, Platform.Arm64, names, CancellationToken.None);

        var package = ((PackageAnswer.Available)((EvaluationOutcome.Answered)arm).Answers[0]).Package;
        package.DerivationPath.Should().NotBe((await _nix.PackageAsync("hello")).DerivationPath);
    }

    [Fact(Timeout = Limit)]
    public async Task The_set_says_when_it_was_changed() =>
        (await _nix.EvaluateAsync(NixBench.Fixture, "hello")).Should().BeOfType<EvaluationOutcome.Answered>()
            .Which.LastModified.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1735689600));
}

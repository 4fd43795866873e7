using System.Diagnostics;
using Nixery.Building.Nix;
using Nixery.Images;

namespace Nixery.Tests.Building;

public sealed class NearestNamesTests
{
    private static readonly string[] Set =
    [
        "git", "gitFull", "gitea", "htop", "btop", "jq", "yq", "python3", "python311", "python3Packages", "nodejs", "nodejs_20",
        "_1password-cli", "_7zip", "openssl", "openssh", "postgresql", "bashInteractive", "callPackage", "netcat", "__internal",
    ];

    [Theory]
    [InlineData("gitt", "git gitea")]
    [InlineData("hotp", "htop btop")]
    [InlineData("nodejs20", "nodejs_20 nodejs")]
    [InlineData("1password", "1password-cli")]
    [InlineData("opensl", "openssl openssh")]
    [InlineData("bash", "bashinteractive")]
    [InlineData("zzzzzzzz", "")]
    [InlineData("jk", "jq")]
    public void Near_names_come_best_first_as_they_are_typed(string typed, string expected) =>
        string.Join(' ', NearestNames.Of(PackageName.Parse(typed), "", Set)).Should().Be(expected);

    [Fact]
    public void Names_inside_a_set_keep_its_name_before_them() =>
        NearestNames.Of(PackageName.Parse("python3packages.nunpy"), "python3Packages", ["numpy", "NumPy", "scipy"])
            .Should().Equal("python3packages.numpy");

    [Fact]
    public void Outputs_are_named_where_an_output_is_missing() =>
        NearestNames.Of(PackageName.Parse("openssl.bins"), "openssl", ["bin", "dev", "out"]).Should().Equal("openssl.bin");

    [Fact]
    public void What_cannot_be_typed_is_not_named() =>
        NearestNames.Of(PackageName.Parse("internal"), "", ["__internal", "int ernal", "internal\n", "internals"]).Should().Equal("internals");

    [Fact]
    public void The_order_of_the_candidates_does_not_matter() =>
        NearestNames.Of(PackageName.Parse("gitt"), "", Set.Reverse()).Should().Equal(NearestNames.Of(PackageName.Parse("gitt"), "", Set));

    [Fact]
    public void All_of_nixpkgs_is_searched_in_a_moment()
    {
        var random = new Random(1);
        var names = Enumerable.Range(0, 25_000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(3, 24)).Select(_ => (char)('a' + random.Next(26)))))
            .ToArray();
        NearestNames.Of(PackageName.Parse("warmup"), "", names);

        var watch = Stopwatch.StartNew();
        NearestNames.Of(PackageName.Parse("postgresql"), "", names);

        // Twice the aim and more: the machine of the tests does other work beside.
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromMilliseconds(150));
    }
}

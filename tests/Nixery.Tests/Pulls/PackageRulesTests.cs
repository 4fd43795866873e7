using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Pulls;

namespace Nixery.Tests.Pulls;

public sealed class PackageRulesTests
{
    [Theory]
    [InlineData("nmap", "nmap", true)]
    [InlineData("nmap", "pkgsstatic.nmap", true)]
    [InlineData("nmap", "nmap.out", true)]
    [InlineData("nmap", "nmapsi4", false)]
    [InlineData("nmap*", "nmapsi4", true)]
    [InlineData("NMAP", "nmap", true)]
    [InlineData("python3Packages.*", "python3packages.numpy", true)]
    [InlineData("n.ap", "nmap", false)]
    public void A_name_is_denied_whole_or_by_a_part(string pattern, string name, bool isDenied) =>
        (new PackageRules(new PolicyOptions { DenyPackages = [pattern] }).FindProblem(PackageName.Parse(name)) is not null).Should().Be(isDenied);

    [Theory]
    [InlineData("git", "git", true)]
    [InlineData("git", "pkgsstatic.git", false)]
    [InlineData("git*", "gitfull", true)]
    [InlineData("python3packages.*", "python3packages.numpy", true)]
    public void A_name_is_allowed_whole(string pattern, string name, bool isAllowed) =>
        (new PackageRules(new PolicyOptions { AllowPackages = [pattern] }).FindProblem(PackageName.Parse(name)) is null).Should().Be(isAllowed);

    [Fact]
    public void What_is_denied_wins_over_what_is_allowed() =>
        new PackageRules(new PolicyOptions { AllowPackages = ["*"], DenyPackages = ["git"] }).FindProblem(PackageName.Parse("git")).Should().Contain("DenyPackages");

    [Theory]
    [InlineData("nmap", true)]
    [InlineData("nmap-7.94", true)]
    [InlineData("scanners.other", true)]
    [InlineData("other", true)]
    [InlineData("nmap-7", false)]
    [InlineData("alias", false)]
    public void A_package_is_denied_by_its_place_and_by_its_derivation_too(string pattern, bool isDenied) =>
        (new PackageRules(new PolicyOptions { DenyPackages = [pattern] }).FindProblem(PackageName.Parse("alias"), Of()) is not null).Should().Be(isDenied);

    [Theory]
    [InlineData(new[] { "MIT" }, "MIT", "", true)]
    [InlineData(new[] { "MIT", "GPL-3.0-only" }, "MIT", "", false)]
    [InlineData(new[] { "MIT", "GPL-3.0-only" }, "mit,gpl-*", "", true)]
    [InlineData(new string[0], "MIT", "", false)]
    [InlineData(new string[0], "", "MIT", true)]
    [InlineData(new[] { "MIT", "AGPL-3.0-or-later" }, "", "AGPL-*", false)]
    [InlineData(new[] { "MIT", "AGPL-3.0-or-later" }, "*", "AGPL-*", false)]
    public void Each_licence_must_be_allowed_and_none_denied(string[] licences, string allowed, string denied, bool isLet)
    {
        var rules = new PackageRules(new PolicyOptions { AllowLicences = Split(allowed), DenyLicences = Split(denied) });

        (rules.FindProblem(PackageName.Parse("alias"), Of(licences)) is null).Should().Be(isLet);
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static Package Of(params string[] licences) => new(
        "scanners.other", "nmap-7.94", "7.94", StorePath.Parse($"/nix/store/{new string('0', 32)}-nmap-7.94.drv"), [], null, null, licences);
}

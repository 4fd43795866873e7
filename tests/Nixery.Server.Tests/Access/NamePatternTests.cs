using FsCheck;
using FsCheck.Fluent;
using Nixery.Images;
using Nixery.Server.Access.Rules;
using Nixery.Sources;

namespace Nixery.Server.Tests.Access;

public sealed class NamePatternTests
{
    private static readonly string[] Sets = ["team", "ops"];

    private static readonly string[] Words = ["git", "curl", "htop", "shell", "posix", "arm64", "amd64", "bashinteractive", "python3packages.numpy", "team"];

    [Theory]
    [InlineData("*", "git/htop", true)]
    [InlineData("*", "team/git", false)]
    [InlineData("**", "team/git", true)]
    [InlineData("**", "git", true)]
    [InlineData("team/*", "team/git/htop", true)]
    [InlineData("team/**", "team/git/htop", true)]
    [InlineData("team/**", "git", false)]
    [InlineData("team/**", "ops/git", false)]
    [InlineData("git", "git", true)]
    [InlineData("git", "git/git", true)]
    [InlineData("git", "arm64/git", true)]
    [InlineData("git", "git/htop", false)]
    [InlineData("git", "gitfull", false)]
    [InlineData("git", "openssl", false)]
    [InlineData("openssl", "openssl.bin", false)]
    [InlineData("htop/git", "git/htop", true)]
    [InlineData("shell/git", "git/shell", true)]
    [InlineData("shell/git", "shell", true)]
    [InlineData("shell/git", "bashinteractive/coreutils/moreutils/nano/git", true)]
    [InlineData("git", "shell/git", false)]
    [InlineData("shell/git", "posix/git", false)]
    [InlineData("posix/git", "shell/git", true)]
    [InlineData("python3Packages.*", "python3packages.numpy", true)]
    [InlineData("python3packages.*", "python3", false)]
    [InlineData("team/shell/g*", "team/shell/git/gawk", true)]
    [InlineData("team/shell/g*", "team/shell/curl", false)]
    // Only at the start is it the set: later it is a package of that name.
    [InlineData("team/*", "arm64/team/git", false)]
    public void It_covers_images_whose_packages_are_all_named(string pattern, string name, bool isCovered) =>
        Parse(pattern).Covers(Read(name)!).Should().Be(isCovered);

    [Theory]
    [InlineData("", "is no package")]
    [InlineData("team", "team/* is all of it")]
    [InlineData("taem/**", "'taem' is no package set")]
    [InlineData("taem/*", "the sets are: team, ops")]
    [InlineData("**/git", "** stands alone")]
    [InlineData("arm64/git", "'arm64' is a platform")]
    [InlineData("git:latest", "is no package")]
    [InlineData("g?t", "is no package")]
    [InlineData("g**", "is no package")]
    [InlineData("git//htop", "is no package")]
    [InlineData("/git", "is no package")]
    [InlineData("../git", "is no package")]
    public void What_means_something_else_than_was_meant_is_none(string pattern, string problem)
    {
        NamePattern.TryParse(pattern, Sets, out _, out var said).Should().BeFalse();

        said.Should().Contain(problem);
    }

    [Fact]
    public void However_an_image_is_spelled_it_is_covered_or_not() => Prop.ForAll(
        Gen.Shuffle(Words).Select(w => w.Take(4).ToArray()).ToArbitrary(),
        Gen.Elements("git/curl", "shell/git", "*", "posix/htop/p*", "team/*", "team/git/shell").ToArbitrary(),
        (words, pattern) =>
        {
            var sorted = words.Where(w => w is not "team").Order(StringComparer.Ordinal).ToArray();
            string[] spelled = [.. sorted.Reverse(), .. sorted];
            return Read(string.Join('/', sorted)) is not { } one || Read(string.Join('/', spelled)) is not { } other
                || Parse(pattern).Covers(one) == Parse(pattern).Covers(other);
        }).QuickCheckThrowOnFailure();

    private static NamePattern Parse(string text) => NamePattern.TryParse(text, Sets, out var pattern, out var problem) ? pattern : throw new FormatException(problem);

    /// <summary>As the package sets read it; null for a name of no image.</summary>
    private static AskedImage? Read(string text)
    {
        var name = ImageName.Parse(text);
        var set = Sets.Contains(name.Components[0]) ? name.Components[0] : "";
        return (set.Length > 0 ? name.WithoutFirst() : name) is { } packages && ImageRequest.TryFrom(packages, out var request, out _)
            ? new AskedImage(set, request.Packages)
            : null;
    }
}

using FsCheck;
using FsCheck.Fluent;
using Nixery.Images;

namespace Nixery.Tests.Images;

public sealed class ImageRequestTests
{
    private static readonly string[] Words =
        ["git", "htop", "curl", "shell", "posix", "debug", "arm64", "coreutils", "nano", "python3packages.numpy"];

    [Fact]
    public void Shell_stands_for_its_packages_and_a_command()
    {
        var request = Request("shell/git");

        request.Packages.Select(p => p.Text).Should().Equal("bashinteractive", "coreutils", "git", "moreutils", "nano");
        request.HasShell.Should().BeTrue();
        request.CanonicalName.Should().Be("shell/git");
        request.Platform.Should().Be(Platform.Amd64);
    }

    [Theory]
    [InlineData("arm64/shell/git")]
    [InlineData("shell/arm64/git")]
    [InlineData("shell/git/arm64")]
    public void A_platform_is_chosen_in_any_position(string name)
    {
        Request(name).Platform.Should().Be(Platform.Arm64);
        Request(name).CanonicalName.Should().Be("shell/git");
    }

    [Theory]
    [InlineData("posix")]
    [InlineData("debug")]
    public void Each_preset_contains_the_shell(string preset)
    {
        Request(preset).HasShell.Should().BeTrue();
        Request(preset).Packages.Should().Contain(Request("shell").Packages);
    }

    [Fact]
    public void Shell_itself_has_just_what_Nixery_has() =>
        Request("shell").Packages.Select(p => p.Text).Should().Equal("bashinteractive", "coreutils", "moreutils", "nano");

    [Theory]
    [InlineData("arm64", "names no package")]
    [InlineData("arm64/amd64/git", "amd64 at once")]
    public void A_name_that_asks_for_no_image_is_refused(string name, string sentence)
    {
        ImageRequest.TryFrom(ImageName.Parse(name), out _, out var problem).Should().BeFalse();
        problem.Should().Contain(sentence);
    }

    [Fact]
    public void Order_and_repetition_of_the_words_do_not_matter() =>
        Prop.ForAll(Gen.ListOf(Gen.Elements(Words)).Where(l => l.Count is > 0 and < 9 && l.Any(w => w != "arm64")).ToArbitrary(), words =>
        {
            var request = Request(string.Join('/', words));
            var shuffled = Request(string.Join('/', words.Concat(words).OrderBy(w => w.GetHashCode(StringComparison.Ordinal))));
            return shuffled.CanonicalName == request.CanonicalName
                && shuffled.Platform == request.Platform
                && shuffled.Packages.SequenceEqual(request.Packages);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_canonical_name_asks_for_itself() =>
        Prop.ForAll(Gen.Elements(Words).Where(w => w != "arm64").NonEmptyListOf().ToArbitrary(), words =>
        {
            var canonical = Request(string.Join('/', words.Take(10))).CanonicalName;
            return Request(canonical).CanonicalName == canonical;
        }).QuickCheckThrowOnFailure();

    private static ImageRequest Request(string name) =>
        ImageRequest.TryFrom(ImageName.Parse(name), out var request, out var problem) ? request : throw new InvalidOperationException(problem);
}

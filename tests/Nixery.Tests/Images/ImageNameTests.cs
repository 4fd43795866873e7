using Nixery.Images;

namespace Nixery.Tests.Images;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("git")]
    [InlineData("shell/git/htop")]
    [InlineData("python3packages.numpy/openssl.bin")]
    [InlineData("1password-cli")]
    [InlineData("a__b/c--d/e---f/g_h")]
    public void A_name_of_the_specification_is_read_and_written_back(string text) =>
        ImageName.Parse(text).ToString().Should().Be(text);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("Git", "lower case")]
    [InlineData("git//htop", "package names joined by '/'")]
    [InlineData("/git", "package names joined by '/'")]
    [InlineData("git/", "package names joined by '/'")]
    [InlineData("..", "package names joined by '/'")]
    [InlineData("git/../htop", "package names joined by '/'")]
    [InlineData("git/./htop", "package names joined by '/'")]
    [InlineData("git..x", "package names joined by '/'")]
    [InlineData("a___b", "package names joined by '/'")]
    [InlineData("-git", "package names joined by '/'")]
    [InlineData("git-", "package names joined by '/'")]
    [InlineData("git\n", "package names joined by '/'")]
    [InlineData("gít", "package names joined by '/'")]
    [InlineData("git\0", "package names joined by '/'")]
    [InlineData("git%2e", "package names joined by '/'")]
    public void Another_word_is_refused_with_a_sentence(string text, string sentence)
    {
        ImageName.TryParse(text, out _, out var problem).Should().BeFalse();
        problem.Should().Contain(sentence);
    }

    [Fact]
    public void Length_and_number_of_components_have_limits()
    {
        ImageName.TryParse(new string('a', 255), out _, out _).Should().BeTrue();
        ImageName.TryParse(new string('a', 256), out _, out var tooLong).Should().BeFalse();
        tooLong.Should().Contain("256 characters");

        ImageName.TryParse(string.Join('/', Enumerable.Repeat("a", 64)), out _, out _).Should().BeTrue();
        ImageName.TryParse(string.Join('/', Enumerable.Repeat("a", 65)), out _, out var tooMany).Should().BeFalse();
        tooMany.Should().Contain("65 packages");
    }

    [Theory]
    [InlineData("latest", true)]
    [InlineData("_x.Y-9", true)]
    [InlineData("", false)]
    [InlineData(".x", false)]
    [InlineData("-x", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    public void A_tag_has_its_own_grammar(string text, bool isTag) =>
        Tag.TryParse(text, out _).Should().Be(isTag);

    [Fact]
    public void A_tag_has_at_most_128_characters()
    {
        Tag.TryParse(new string('a', 128), out _).Should().BeTrue();
        Tag.TryParse(new string('a', 129), out _).Should().BeFalse();
    }
}

using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class KeptNamesTests
{
    private static readonly ImageInStore[] Images =
    [
        Image("shell/git", "r1", 1), Image("shell/git", "r2", 2), Image("shell/git", "r3", 3), Image("arm64/shell/git", "r3", 4), Image("team/tool", "r1", 5), Image("hello", "r3", 6),
    ];

    [Theory]
    [InlineData("shell/git", "shell/git:r3")]
    [InlineData("git/shell", "shell/git:r3")]
    [InlineData("shell/git:r1", "shell/git:r1")]
    [InlineData("*/git", "shell/git:r3 arm64/shell/git:r3")]
    [InlineData("team/*", "team/tool:r1")]
    [InlineData("*:r3", "shell/git:r3 arm64/shell/git:r3 hello:r3")]
    [InlineData("git", "")]
    public void The_latest_image_of_a_name_is_kept_or_the_one_of_a_revision(string pattern, string kept) =>
        new KeptNames([pattern]).Among(Images).Select(i => i.Name).Should().BeEquivalentTo(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("")]
    [InlineData(":r1")]
    [InlineData("git:")]
    [InlineData("Git")]
    [InlineData("shell git")]
    public void What_can_match_no_image_is_a_problem(string pattern) => KeepingOptions.ProblemOf(pattern).Should().NotBeNull();

    [Theory]
    [InlineData("shell/git")]
    [InlineData("team/*:0123abcd")]
    public void What_can_match_is_none(string pattern) => KeepingOptions.ProblemOf(pattern).Should().BeNull();

    private static ImageInStore Image(string name, string revision, int minute) => new(
        RecordKey.Of("image", name, revision),
        new StoredImage(new Descriptor("oci", Digest.Of([(byte)minute]), 1), null, []) { Label = new ImageLabel(name, revision, "") },
        DateTimeOffset.UnixEpoch.AddMinutes(minute),
        null,
        null);
}

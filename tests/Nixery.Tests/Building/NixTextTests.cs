using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

public sealed class NixTextTests
{
    [Theory]
    [InlineData("error: foo was removed\n(use '--show-trace' to show detailed location information)", "foo was removed")]
    [InlineData("warning: x\nerror: first line\n       second line\n\n       at /a/b.nix:1:2:\n\n            1| x\n             | ^", "first line second line")]
    [InlineData("error:\n       … while evaluating attribute 'answers'\n         at «string»:1:2:\n          1| x\n\n       (stack trace truncated; use '--show-trace')\n\n       error: the cause\n       at /a/default.nix:88:22:\n           88| let\n", "the cause")]
    [InlineData("\u001b[31;1merror:\u001b[0m \u001b[35mred\u001b[0m", "red")]
    [InlineData("no such word here\nlast words\n", "last words")]
    [InlineData("", "")]
    public void The_last_error_is_found_in_the_output_of_old_and_new_Nix(string output, string error) =>
        NixText.LastError(output).Should().Be(error);

    [Theory]
    [InlineData("cannot build /nix/store/582b57969vng491yjkli9i6cz9ylg9x4-fails-1.0.drv", "cannot build fails-1.0")]
    [InlineData("see '/nix/store/582b57969vng491yjkli9i6cz9ylg9x4-hello-1.0/bin/x' there", "see 'hello-1.0' there")]
    [InlineData("Package ‘a’ in /home/me/pkgs/x.nix:12 has an unfree license", "Package ‘a’ has an unfree license")]
    [InlineData("getting status of '/srv/secret/place': No such file", "getting status of '…': No such file")]
    [InlineData("evaluation aborted with the following error message: 'I give up'", "I give up")]
    [InlineData("a\u001b[1mb\u001b[0m\tc\n  d", "ab c d")]
    [InlineData("https://host.invalid/a/b is not there", "https://host.invalid/a/b is not there")]
    public void A_sentence_has_no_paths_colours_and_traces(string text, string sentence) => NixText.Sentence(text).Should().Be(sentence);

    [Fact]
    public void A_sentence_is_short() => NixText.Sentence(new string('x', 1000)).Should().HaveLength(300).And.EndWith("…");

    [Theory]
    [InlineData("git+https://user:pw@host.invalid/x", "git+https://host.invalid/x")]
    [InlineData("https://user:p@ss@host.invalid/x", "https://host.invalid/x")]
    [InlineData("https://token@host.invalid/x and ssh://git@host.invalid/y", "https://host.invalid/x and ssh://host.invalid/y")]
    [InlineData("https://host.invalid/x?access_token=abc&b=1", "https://host.invalid/x?***")]
    [InlineData("mail@host.invalid stays", "mail@host.invalid stays")]
    public void Secrets_are_taken_out(string text, string without) => NixText.WithoutSecrets(text).Should().Be(without);

    [Theory]
    [InlineData("https://bob:pa'SE\"CRET@host/x", "https://host/x")]
    [InlineData("https://bob:a@b@host/x@y", "https://host/x@y")]
    [InlineData("ssh://git@host/x", "ssh://host/x")]
    [InlineData("https://host/x?token=1", "https://host/x?***")]
    [InlineData("git@host:x.git", "git@host:x.git")]
    [InlineData("https://bob:secret@host", "https://host")]
    public void An_address_is_shown_without_its_user(string address, string shown) => NixText.WithoutUser(address).Should().Be(shown);
}

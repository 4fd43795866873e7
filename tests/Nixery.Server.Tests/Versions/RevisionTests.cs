using Nixery.Server.Versions;

namespace Nixery.Server.Tests.Versions;

public sealed class RevisionTests
{
    [Theory]
    [InlineData("61-5656ae6f1c2d", 61, "5656ae6f1c2d")]
    [InlineData("61-5656ae6f1c2d-changed", 61, "5656ae6f1c2d")]
    [InlineData("unknown-5656ae6f1c2d", null, "5656ae6f1c2d")]
    public void A_revision_is_a_number_and_a_commit(string text, int? number, string commit) =>
        Revision.Parse(text).Should().Be(new Revision(text, number, commit));

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("1.0.0")]
    [InlineData("61-<script>")]
    public void What_is_none_is_unknown(string text) => Revision.Parse(text).Should().Be(new Revision("unknown", null, null));
}

using Nixery.Closures;

namespace Nixery.Tests.Closures;

public sealed class NarSizeTests
{
    /// <summary>The sizes are those of <c>nix-store --dump</c>. That they are so for all of a package set, the end-to-end tests show.</summary>
    [Fact]
    public void A_size_is_what_Nix_counts()
    {
        (NarSize.Header + NarSize.File(6, isExecutable: false)).Should().Be(120);

        var folder = NarSize.Directory
            + NarSize.Entry("e") + NarSize.Directory
            + NarSize.Entry("f") + NarSize.File(6, isExecutable: false)
            + NarSize.Entry("l") + NarSize.Link("../target/there")
            + NarSize.Entry("é-x") + NarSize.File(10, isExecutable: true);
        (NarSize.Header + folder).Should().Be(888);
    }
}

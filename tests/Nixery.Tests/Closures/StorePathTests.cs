using Nixery.Closures;

namespace Nixery.Tests.Closures;

public sealed class StorePathTests
{
    private const string Git = "/nix/store/0c7nndbzfbl4xjji3ac6a8scsyrg9fq0-git-2.39.5";

    [Fact]
    public void A_store_path_has_a_hash_and_a_name()
    {
        StorePath.Parse(Git).Name.Should().Be("git-2.39.5");
        StorePath.Parse(Git).BaseName.Should().Be("0c7nndbzfbl4xjji3ac6a8scsyrg9fq0-git-2.39.5");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/nix/store")]
    [InlineData("/nix/store/")]
    [InlineData(Git + "/bin")]
    [InlineData(Git + "\n")]
    [InlineData("/nix/store/../../etc/passwd")]
    [InlineData("/nix/store/0c7nndbzfbl4xjji3ac6a8scsyrg9fq0-")]
    [InlineData("/nix/store/0c7nndbzfbl4xjji3ac6a8scsyrg9fq0-.hidden")]
    [InlineData("/nix/store/ec7nndbzfbl4xjji3ac6a8scsyrg9fqu-git")]
    [InlineData("/tmp/0c7nndbzfbl4xjji3ac6a8scsyrg9fq0-git")]
    public void Another_word_is_no_store_path(string text) => StorePath.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void A_closure_drops_references_to_itself_and_sorts()
    {
        var a = Path('a');
        var b = Path('b');
        var graph = ClosureGraph.Of([new(b, 2, [b, a, a]), new(a, 1, [])], [b, b]);

        graph.Nodes.Select(n => n.Path).Should().Equal(a, b);
        graph.Nodes[1].References.Should().Equal(a);
        graph.Roots.Should().Equal(b);
    }

    [Fact]
    public void A_closure_with_a_dangling_edge_is_refused()
    {
        var edge = () => ClosureGraph.Of([new(Path('a'), 1, [Path('b')])], []);
        var root = () => ClosureGraph.Of([], [Path('b')]);
        var twice = () => ClosureGraph.Of([new(Path('a'), 1, []), new(Path('a'), 1, [])], []);

        edge.Should().Throw<InvalidDataException>();
        root.Should().Throw<InvalidDataException>();
        twice.Should().Throw<InvalidDataException>();
    }

    private static StorePath Path(char c) => StorePath.Parse($"/nix/store/{new string(c, 32)}-x");
}

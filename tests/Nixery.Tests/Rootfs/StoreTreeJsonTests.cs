using System.Text;
using System.Text.Json;
using Nixery.Rootfs;

namespace Nixery.Tests.Rootfs;

public sealed class StoreTreeJsonTests
{
    [Fact]
    public void A_tree_is_read_back_as_it_was()
    {
        var tree = new StoreTree.Directory(
        [
            new("bin", new StoreTree.Directory([new("é \"x\"", new StoreTree.File(executable: true)), new("sh", new StoreTree.Link("@bash"))])),
            new("empty", new StoreTree.Directory([])),
            new("read-me", new StoreTree.File(executable: false)),
        ]);

        var json = StoreTreeJson.Write(tree);

        StoreTreeJson.Write(StoreTreeJson.Read(json)).Should().Equal(json);
        JsonDocument.Parse(json).RootElement.GetProperty("bin").GetProperty("sh").GetString().Should().Be("@@bash");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"y\"")]
    [InlineData("{\"..\":\"-\"}")]
    [InlineData("{\".\":\"-\"}")]
    [InlineData("{\"\":\"-\"}")]
    [InlineData("{\"a/b\":\"-\"}")]
    [InlineData("{\"a\":[]}")]
    [InlineData("{\"a\":")]
    public void What_is_no_tree_is_refused(string json) =>
        FluentActions.Invoking(() => StoreTreeJson.Read(Encoding.UTF8.GetBytes(json))).Should().Throw<JsonException>();
}

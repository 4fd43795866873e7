using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

public sealed class NixJsonTests
{
    private const string Hello = "/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0";
    private const string LibGreet = "/nix/store/gcavrq7s82wzkxsmpf54b6i880dynd64-libgreet-1.2";

    // 2.8 and 2.26 were printed by those versions for the fixture set; format 2 is written after the manual of Nix 2.33.
    [Theory]
    [InlineData("path-info-2.8.json")]
    [InlineData("path-info-2.26.json")]
    [InlineData("path-info-format-2.json")]
    public void Each_shape_of_path_info_gives_the_same_closure(string sample)
    {
        var nodes = NixJson.PathInfo(File.ReadAllText(TestFiles.Golden("nix", sample))).OrderBy(n => n.Path).ToList();

        nodes.Should().HaveCount(3);
        nodes[0].Should().BeEquivalentTo(new { Path = new { Text = "/nix/store/7i3p0yr426cbjx016f6i2w05x47y37ks-toolkit-3.0-bin" }, NarSizeBytes = 344L });
        nodes[1].Should().BeEquivalentTo(new { Path = new { Text = LibGreet }, NarSizeBytes = 464L, References = Array.Empty<string>() });
        nodes[2].Should().BeEquivalentTo(new { Path = new { Text = Hello }, NarSizeBytes = 560L, References = new[] { new { Text = LibGreet } } });
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("[{}]")]
    [InlineData("""[{"path":null,"narSize":1,"references":[]}]""")]
    [InlineData("""[{"path":"/etc/passwd","narSize":1,"references":[]}]""")]
    [InlineData("""{"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0":null}""")]
    [InlineData("""{"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0":7}""")]
    [InlineData("""[{"path":"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0","valid":false}]""")]
    [InlineData("""[{"path":"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0","narSize":-1,"references":[]}]""")]
    [InlineData("""[{"path":"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0","narSize":1e99,"references":[]}]""")]
    [InlineData("""[{"path":"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0","narSize":1,"references":["../x"]}]""")]
    [InlineData("""[{"path":"/nix/store/jgg0haf654w0kp7fy52jq3dgwlpvpr35-hello-2.0","narSize":1,"references":{}}]""")]
    [InlineData("""{"version":2,"info":[]}""")]
    public void Anything_else_is_refused(string json)
    {
        var read = () => NixJson.PathInfo(json);

        read.Should().Throw<InvalidDataException>();
    }
}

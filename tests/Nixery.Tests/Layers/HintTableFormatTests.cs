using System.Text;
using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

public sealed class HintTableFormatTests
{
    private static readonly string A = new string('a', 32) + "-git-2.39.5";
    private static readonly string B = new string('b', 32) + "-zlib-1.2";

    [Fact]
    public void A_table_is_read_as_the_docs_say()
    {
        var table = Read($$"""
            { "format": "nixery-hint-table-1", "paths": ["/nix/store/{{A}}", "/nix/store/{{B}}"], "shares": [0.25, 0.5], "referrers": [1, 7], "hosts": [-1, 0] }
            """);

        table.HasHosts.Should().BeTrue();
        table.Records.Select(r => (r.Key.BaseName, r.Value.Share, r.Value.Referrers, r.Value.Host?.BaseName))
            .Should().Equal((A, 0.25, 1, null), (B, 0.5, 7, A));
    }

    [Fact]
    public void A_path_is_found_by_itself_then_by_its_name_then_without_version()
    {
        var table = HintTable.Of(new Dictionary<StorePath, Hint>
        {
            [Path('1', "zlib-1.2")] = new(0.1, 1, null),
            [Path('2', "zlib-1.2")] = new(0.3, 1, null),
            [Path('3', "zlib-1.3")] = new(0.2, 1, null),
        });

        Share('1', "zlib-1.2").Should().Be(0.1);
        Share('9', "zlib-1.2").Should().Be(0.3, "of equal names the likeliest counts");
        Share('9', "zlib-1.3").Should().Be(0.2);
        Share('9', "zlib-1.9").Should().Be(0.3);
        Share('9', "git-2").Should().BeNull();

        double? Share(char hash, string name) => table.Find(Path(hash, name), PackageKey.Of(name))?.Share;
    }

    [Fact]
    public void Nixerys_popularity_is_read_and_written_in_its_own_form()
    {
        var table = Read("""{ "glibc-2.38": 500, "format-1.0": 4, "zlib-1.2": 100 }""");

        table.HasHosts.Should().BeFalse();
        table.FindByName("zlib-1.2")!.Referrers.Should().Be(100);
        Encoding.UTF8.GetString(HintTableFormat.Write(table)).Should().Be("""{"format-1.0":4,"glibc-2.38":500,"zlib-1.2":100}""");
        HintTableFormat.Read(HintTableFormat.Write(table)).Id.Should().Be(table.Id);
    }

    [Fact]
    public void A_package_that_is_called_format_does_not_make_popularity_a_table() =>
        Read("""{ "format": 4, "zlib-1.2": 1 }""").FindByName("format")!.Referrers.Should().Be(4);

    [Fact]
    public void A_table_of_paths_gives_the_popularity_that_Nixery_would_count()
    {
        ClosureNode[] nodes =
        [
            new(Path('1', "zlib-1.2"), 1, []),
            new(Path('2', "git-2"), 1, [Path('1', "zlib-1.2")]),
            new(Path('3', "curl-8"), 1, [Path('1', "zlib-1.2"), Path('3', "curl-8"), Path('2', "git-2")]),
        ];

        var table = new HintTableBuilder(nodes, 1_000_000).FromGraph([], []);

        Encoding.UTF8.GetString(HintTableFormat.WritePopularity(table)).Should().Be("""{"zlib-1.2":2}""");
    }

    [Fact]
    public void A_plus_sign_is_written_as_one() =>
        Encoding.UTF8.GetString(HintTableFormat.Write(Read("""{"libstdc++-12.2":3}"""))).Should().Be("""{"libstdc++-12.2":3}""");

    [Fact]
    public void A_table_has_a_limit_of_records()
    {
        var content = "{" + string.Join(',', Enumerable.Range(0, HintTableFormat.MostRecords + 10).Select(i => $"\"p-{i}\":1")) + "}";

        FluentActions.Invoking(() => Read(content)).Should().Throw<InvalidDataException>().WithMessage("*more than 1000000 records*");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{ "glibc-2.38": "many" }""")]
    [InlineData("""{ "glibc-2.38": -1 }""")]
    [InlineData("{}")]
    [InlineData("""{ "error": 404 }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": [], "shares": [], "referrers": [], "hosts": [] }""")]
    [InlineData("""{ "glibc-2.38": 1e300 }""")]
    [InlineData("""{ "format": "nixery-hint-table-2", "paths": [], "shares": [], "referrers": [], "hosts": [] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1" }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": null, "shares": [], "referrers": [], "hosts": [] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["/etc/passwd"], "shares": [1], "referrers": [1], "hosts": [-1] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P"], "shares": [], "referrers": [1], "hosts": [-1] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P"], "shares": [2], "referrers": [1], "hosts": [-1] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P"], "shares": [1], "referrers": [0], "hosts": [-1] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P"], "shares": [1], "referrers": [1], "hosts": [0] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P"], "shares": [1], "referrers": [1], "hosts": [1] }""")]
    [InlineData("""{ "format": "nixery-hint-table-1", "paths": ["P", "P"], "shares": [1, 1], "referrers": [1, 1], "hosts": [-1, -1] }""")]
    public void What_is_no_table_is_refused(string json) =>
        FluentActions.Invoking(() => Read(json.Replace("\"P\"", $"\"/nix/store/{A}\"", StringComparison.Ordinal))).Should().Throw<InvalidDataException>();

    private static HintTable Read(string json) => HintTableFormat.Read(Encoding.UTF8.GetBytes(json));

    private static StorePath Path(char hash, string name) => StorePath.Parse($"/nix/store/{new string(hash, 32)}-{name}");
}

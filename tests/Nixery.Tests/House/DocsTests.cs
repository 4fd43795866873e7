using System.Text.RegularExpressions;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Rootfs;

namespace Nixery.Tests.House;

/// <summary>What docs/images.md promises is what the code does.</summary>
public sealed partial class DocsTests
{
    private static readonly string Images = File.ReadAllText(Path.Combine(TestFiles.Repository, "docs", "images.md"));

    [Fact]
    public void The_presets_are_those_of_the_docs()
    {
        var documented = Rows().Where(r => MetaPackages.Presets.ContainsKey(r.Name)).ToDictionary(r => r.Name, r => Words(r.Text));

        documented.Keys.Should().BeEquivalentTo(MetaPackages.Presets.Keys);
        foreach (var (name, words) in documented)
        {
            // A preset may be told by another one; the last word of shell's row is the command.
            var packages = words.Where(w => w != "bash").SelectMany(w => MetaPackages.Presets.TryGetValue(w, out var p) ? p.Select(x => x.Text) : [w]);
            packages.Should().BeEquivalentTo(MetaPackages.Presets[name].Select(p => p.Text), name);
        }
    }

    /// <summary>The program is in the PATH in the container alone.</summary>
    [Fact]
    public void A_page_that_has_the_reader_call_nixery_says_how()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(TestFiles.Repository, "docs"), "*.md").Select(p => (Name: Path.GetFileName(p), Text: File.ReadAllText(p)))
            .Where(p => CallOfNixery().IsMatch(p.Text)).ToList();

        pages.Should().HaveCountGreaterThan(5);
        pages.Where(p => !p.Text.Contains(p.Name == "run.md" ? "## The command `nixery`" : "(run.md#the-command-nixery)", StringComparison.Ordinal))
            .Select(p => p.Name).Should().BeEmpty();
    }

    [Fact]
    public void The_platforms_are_those_of_the_docs() =>
        Rows().Select(r => r.Name).Should().Contain(MetaPackages.Platforms.Keys);

    [Fact]
    public void What_every_image_contains_is_what_the_docs_list()
    {
        var section = Images[Images.IndexOf("## What every image contains", StringComparison.Ordinal)..];
        var documented = Code().Matches(string.Join('\n', section.Split('\n').Where(l => l.StartsWith("| `/", StringComparison.Ordinal)).Select(l => l.Split('|')[1])))
            .Select(m => m.Groups[1].Value.TrimStart('/'));

        // Directories that are there only to hold what is listed need no line of their own.
        BaseEntries().Where(e => e is not RootEntry.Directory { Mode: (UnixFileMode)0b111_101_101 } || documented.Contains(e.Path))
            .Select(e => e.Path).Should().BeEquivalentTo(documented);
    }

    private static IReadOnlyList<RootEntry> BaseEntries()
    {
        var path = StorePath.Parse($"/nix/store/{new string('0', 32)}-all");
        var tree = Folder(
            ("bin", Folder(("bash", new StoreTree.File(true)))),
            ("etc", Folder(("ssl", Folder(("certs", Folder(("ca-bundle.crt", new StoreTree.File(false)))))))));
        return BaseFiles.For([new OutputTree(path, tree)]).Entries;
    }

    private static StoreTree.Directory Folder(params (string Name, StoreTree Node)[] children) =>
        new(children.Select(c => KeyValuePair.Create(c.Name, c.Node)));

    private static IEnumerable<(string Name, string Text)> Rows() =>
        Row().Matches(Images).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    private static IEnumerable<string> Words(string text) => Code().Matches(text).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\bnixery (?:serve|config|gc|verify|plan|popularity|index|--set)\b")]
    private static partial Regex CallOfNixery();

    [GeneratedRegex(@"^\| `([a-z0-9]+)` \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}

using FsCheck;
using FsCheck.Fluent;
using Nixery.Rootfs;

namespace Nixery.Tests.Rootfs;

/// <summary>What holds for the root of any outputs.</summary>
public sealed class RootTreeLaws
{
    private static readonly Gen<string> Name = Gen.Elements("a", "a-", "b", "bin", "lib", "lib64", "nix-support");

    private static readonly Gen<string> Place = Gen.ListOf(Name).Where(p => p.Count is > 0 and < 5).Select(p => string.Join('/', p));

    private static readonly Gen<string> Line = Gen.Frequency(
        (6, Place),
        (1, Place.Select(p => $"{p}/")),
        (2, Gen.Zip(Place, Gen.OneOf(Place, Place.Select(p => $"../{p}"), Gen.Constant("."), Gen.Constant(".."))).Select(p => $"{p.Item1} -> {p.Item2}")));

    private static readonly Arbitrary<string[][]> Outputs = Arb.From(Gen.ArrayOf(Gen.ArrayOf(Line)).Where(o => o.Length < 5));

    [Fact]
    public void Entries_are_sorted_distinct_and_have_their_parents() => Check((_, root) =>
    {
        var paths = root.Entries.Select(e => e.Path).ToArray();
        paths.Should().Equal(paths.Distinct().Order(StringComparer.Ordinal));
        var directories = root.Entries.OfType<RootEntry.Directory>().Select(d => d.Path).ToHashSet();
        paths.Skip(1).Should().OnlyContain(p => directories.Contains(p.Contains('/') ? p.Substring(0, p.LastIndexOf('/')) : ""));
    });

    [Fact]
    public void Each_file_of_each_output_is_found_from_the_root_or_said_to_have_lost() => Check((outputs, root) =>
    {
        foreach (var output in outputs)
        {
            foreach (var (path, file) in Files("", output.Tree).Where(f => !f.Path.StartsWith("nix-support", StringComparison.Ordinal)))
            {
                var lost = root.Conflicts.FirstOrDefault(c => c.Loser == output.Path && $"{path}/".StartsWith($"{c.Path}/", StringComparison.Ordinal));
                if (lost is null)
                {
                    Resolve(outputs, root, path).Should().BeSameAs(file);
                }
            }
        }
    });

    [Fact]
    public void A_conflict_is_won_by_an_earlier_output_or_by_a_directory_of_every_image() => Check((outputs, root) =>
    {
        var order = outputs.Select(o => o.Path).ToList();
        root.Conflicts.Where(c => c.Winner is null ? c.Path != "bin" : order.IndexOf(c.Winner) >= order.IndexOf(c.Loser)).Should().BeEmpty();
    });

    [Fact]
    public void The_same_outputs_give_the_same_root() => Check((outputs, root) =>
        RootTree.Of(outputs, BaseFiles.For(outputs)).Entries.Should().Equal(root.Entries));

    private static void Check(Action<OutputTree[], RootTree> law) => Prop.ForAll(Outputs, lines =>
    {
        var outputs = lines.Select((l, i) => Trees.Output(new string('p', i + 1), l)).ToArray();
        law(outputs, RootTree.Of(outputs, BaseFiles.For(outputs)));
    }).QuickCheckThrowOnFailure();

    private static IEnumerable<(string Path, StoreTree File)> Files(string path, StoreTree node) => node switch
    {
        StoreTree.Directory directory => directory.Entries.SelectMany(e => Files(path.Length == 0 ? e.Key : $"{path}/{e.Key}", e.Value)),
        StoreTree.File => [(path, node)],
        _ => [],
    };

    // As the kernel would: down the directories of the root to the first link, which leads into an output.
    private static StoreTree? Resolve(OutputTree[] outputs, RootTree root, string path)
    {
        var link = root.Entries.OfType<RootEntry.Link>().Single(l => $"{path}/".StartsWith($"{l.Path}/", StringComparison.Ordinal));
        var output = outputs.Single(o => link.Target.StartsWith($"{o.Path}/", StringComparison.Ordinal));
        return output.Find(link.Target[output.Path.Text.Length..] + path[link.Path.Length..]);
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nixery.Closures;

namespace Nixery.Bench;

/// <summary>
/// <c>tree</c>: a store folder with what is hard to pack: one file of gigabytes, very many small ones, the longest names and a link target
/// near the longest, empty directories; and the closure that Nix would tell of it.
/// </summary>
internal static class TreeVerb
{
    private const int LongestName = 255;
    private const int LongTarget = 3000;
    private const int ChunkBytes = 1024 * 1024;

    private static readonly Argument<DirectoryInfo> Folder = new("folder") { Description = "Made; gets store/ and closure.json." };

    private static readonly Option<int> BigMib = new("--big-mib") { DefaultValueFactory = _ => 2048, Description = "The size of the one big file." };

    private static readonly Option<int> MediumMib = new("--medium-mib")
    {
        DefaultValueFactory = _ => 2048,
        Description = "The size of all files of 8 MiB together.",
    };

    private static readonly Option<int> Small = new("--small") { DefaultValueFactory = _ => 200_000, Description = "How many small files." };

    public static Command Create()
    {
        var verb = new Command("tree", "Makes a closure that is hard to pack.") { Folder, BigMib, MediumMib, Small };
        verb.SetAction(Run);
        return verb;
    }

    private static int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(Folder).FullName;
        var store = Directory.CreateDirectory(Path.Combine(folder, "store")).FullName;
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [Name('1', "big")] = WriteBig(Path.Combine(store, Name('1', "big")), parsed.GetValue(BigMib)),
        };
        var medium = parsed.GetValue(MediumMib) / 8;
        for (var part = 0; part < 8; part++)
        {
            var name = Name((char)('2' + part), "medium");
            var files = Enumerable.Range(0, medium / 8).Select(i => (i.ToString(CultureInfo.InvariantCulture), 8 * ChunkBytes));
            sizes[name] = WriteFiles(Path.Combine(store, name), files);
        }

        sizes[Name('a', "small")] = WriteSmall(Path.Combine(store, Name('a', "small")), parsed.GetValue(Small));
        sizes[Name('b', "odd")] = WriteOdd(Path.Combine(store, Name('b', "odd")));
        var closure = sizes.ToDictionary(
            s => $"{StorePath.StoreDirectory}/{s.Key}", s => new { narSize = s.Value, references = Array.Empty<string>() });
        File.WriteAllText(Path.Combine(folder, "closure.json"), JsonSerializer.Serialize(closure));
        return 0;
    }

    private static string Name(char digit, string name) => $"{new string(digit, 32)}-{name}";

    private static long WriteBig(string path, int mib)
    {
        using var file = File.Create(path);
        for (var i = 0; i < mib; i++)
        {
            file.Write(Content(i, ChunkBytes));
        }

        return NarSize.Header + NarSize.File(file.Length, isExecutable: false);
    }

    private static long WriteSmall(string path, int count)
    {
        const int InDirectory = 500;
        var size = NarSize.Header + NarSize.Directory;
        for (var directory = 0; directory * InDirectory < count; directory++)
        {
            var name = $"d{directory}";
            var files = Enumerable.Range(0, Math.Min(InDirectory, count - (directory * InDirectory)))
                .Select(i => ($"file{i}", 100 + (i * 7919 % 9000)));
            size += NarSize.Entry(name) + WriteFiles(Path.Combine(path, name), files) - NarSize.Header;
        }

        return size;
    }

    /// <summary>A directory of files, and its size as a NAR.</summary>
    private static long WriteFiles(string path, IEnumerable<(string Name, int Bytes)> files)
    {
        Directory.CreateDirectory(path);
        var size = NarSize.Header + NarSize.Directory;
        var seed = path.Length;
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(path, name), Content(seed++, bytes));
            size += NarSize.Entry(name) + NarSize.File(bytes, isExecutable: false);
        }

        return size;
    }

    private static long WriteOdd(string path)
    {
        var (longFile, longDirectory) = (new string('f', LongestName), new string('d', LongestName));
        var target = string.Join('/', Enumerable.Repeat(new string('t', 99), LongTarget / 100)) + "/";
        Directory.CreateDirectory(Path.Combine(path, "empty"));
        Directory.CreateDirectory(Path.Combine(path, longDirectory));
        File.CreateSymbolicLink(Path.Combine(path, "link"), target);
        File.WriteAllText(Path.Combine(path, longFile), "");
        return NarSize.Header + NarSize.Directory
            + NarSize.Entry("empty") + NarSize.Directory
            + NarSize.Entry(longDirectory) + NarSize.Directory
            + NarSize.Entry("link") + NarSize.Link(target)
            + NarSize.Entry(longFile) + NarSize.File(0, isExecutable: false);
    }

    /// <summary>Like a program: a part that can be compressed, and a part that cannot. The same for the same seed.</summary>
    private static byte[] Content(int seed, int bytes)
    {
        var content = new byte[bytes];
#pragma warning disable CA5394 // nothing is kept secret here
        new Random(seed).NextBytes(content.AsSpan(0, bytes / 3));
#pragma warning restore CA5394
        for (var i = bytes / 3; i < bytes; i++)
        {
            content[i] = (byte)"the same words come again and again, "[(i * (1 + (i >> 12) % 3)) % 37];
        }

        return content;
    }
}

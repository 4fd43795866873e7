using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib.GZip;
using ICSharpCode.SharpZipLib.Tar;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>One entry of a layer.</summary>
/// <param name="Name">Without a slash at its end; the root itself is ".".</param>
/// <param name="Type">What it is.</param>
/// <param name="Mode">Permissions with sticky bit.</param>
/// <param name="LinkTarget">Empty for what is no link.</param>
/// <param name="SizeBytes">Zero for what is no file.</param>
/// <param name="Head">Its first bytes, enough to tell what kind of file it is.</param>
internal sealed record LayerEntry(string Name, TarEntryType Type, UnixFileMode Mode, string LinkTarget, long SizeBytes, byte[] Head)
{
    public bool IsDirectory => Type == TarEntryType.Directory;

    public bool IsLink => Type == TarEntryType.SymbolicLink;
}

/// <summary>Reads a layer in three ways: with the BCL for its content, with GNU tar and SharpZipLib to check it.</summary>
internal static class LayerTar
{
    private const int HeadBytes = 20;

    public static IEnumerable<LayerEntry> Read(PulledBlob layer)
    {
        using var file = File.OpenRead(layer.Path);
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            var head = new byte[Math.Min(HeadBytes, entry.Length)];
            entry.DataStream?.ReadExactly(head);
            yield return new LayerEntry(entry.Name.TrimEnd('/'), entry.EntryType, entry.Mode, entry.LinkName, entry.Length, head);
        }
    }

    /// <summary>The names as SharpZipLib reads them, in the order of the archive; each file's bytes are read to their end.</summary>
    public static string[] NamesBySharpZipLib(PulledBlob layer)
    {
        using var file = File.OpenRead(layer.Path);
        using var tar = new TarInputStream(new GZipInputStream(file), Encoding.UTF8);
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name.TrimEnd('/'));
            tar.CopyTo(Stream.Null);
        }

        return [.. names];
    }

    /// <summary>The names as GNU tar lists them.</summary>
    public static async Task<string[]> NamesByGnuTarAsync(PulledBlob layer) =>
        [.. (await ListByGnuTarAsync(layer)).Select(n => n.TrimEnd('/'))];

    /// <summary>A line an entry: mode, owner, size, time to the second, name. Owners have a number only where they have no name.</summary>
    public static Task<string[]> LongListByGnuTarAsync(PulledBlob layer) => ListByGnuTarAsync(layer, "--verbose", "--utc", "--full-time");

    private static async Task<string[]> ListByGnuTarAsync(PulledBlob layer, params string[] options)
    {
        string[] arguments = ["--list", "--gzip", "--absolute-names", "--quoting-style=literal", .. options, "--file", layer.Path];
        var listed = (await Programs.RunAsync("tar", arguments)).Succeeded();
        listed.Errors.Should().BeEmpty("GNU tar has nothing to complain about");
        return listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

using System.Text;
using ICSharpCode.SharpZipLib.GZip;
using ICSharpCode.SharpZipLib.Tar;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>One entry of a layer as SharpZipLib reads it.</summary>
/// <param name="Header">All that the tar says of it.</param>
/// <param name="Head">Its first bytes, enough to tell what kind of file it is.</param>
internal sealed record LayerEntry(TarHeader Header, byte[] Head)
{
    private const int ModeBits = 0b111_111_111_111;

    /// <summary>Without a slash at its end; the root itself is ".".</summary>
    public string Name => Header.Name.TrimEnd('/');

    public int Mode => Header.Mode & ModeBits;

    public bool IsDirectory => Header.TypeFlag == TarHeader.LF_DIR;

    public bool IsLink => Header.TypeFlag == TarHeader.LF_SYMLINK;
}

internal static class LayerTar
{
    private const int HeadBytes = 20;

    public static IReadOnlyList<LayerEntry> Read(PulledBlob layer)
    {
        using var file = File.OpenRead(layer.Path);
        using var tar = new TarInputStream(new GZipInputStream(file), Encoding.UTF8);
        var entries = new List<LayerEntry>();
        while (tar.GetNextEntry() is { } entry)
        {
            var head = new byte[Math.Min(HeadBytes, entry.Size)];
            tar.ReadExactly(head);
            entries.Add(new LayerEntry(entry.TarHeader, head));
        }

        return entries;
    }

    /// <summary>The names as GNU tar lists them, in the order of the archive.</summary>
    public static async Task<string[]> NamesByGnuTarAsync(PulledBlob layer)
    {
        var listed = await Programs.RunAsync("tar", "--list", "--gzip", "--quoting-style=literal", "--file", layer.Path);
        listed.Succeeded().Errors.Should().BeEmpty("GNU tar has nothing to complain about");
        return [.. listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(n => n.TrimEnd('/'))];
    }
}

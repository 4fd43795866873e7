using System.Formats.Tar;

namespace Nixery.Packing;

/// <summary>
/// Writes tar entries the way all layers have them: GNU format (PAX in .NET holds the process id), one second after the epoch
/// as in the store, owner 0:0 without names. The caller keeps the order: parents first.
/// </summary>
internal sealed class LayerTar(Stream destination) : IDisposable
{
    public const UnixFileMode OpenDirectory = (UnixFileMode)0b111_101_101;

    private const UnixFileMode LinkMode = (UnixFileMode)0b111_111_111;
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1);

    private readonly TarWriter tar = new(destination, TarEntryFormat.Gnu, leaveOpen: true);

    /// <param name="name">Ends in a slash.</param>
    /// <param name="mode">The permissions.</param>
    public void AddDirectory(string name, UnixFileMode mode) => Add(TarEntryType.Directory, name, mode);

    public void AddLink(string name, string target) => Add(TarEntryType.SymbolicLink, name, LinkMode, target: target);

    /// <summary>Reads <paramref name="content"/>, whose length must be known, to its end; leaves it open.</summary>
    public void AddFile(string name, UnixFileMode mode, Stream content) => Add(TarEntryType.RegularFile, name, mode, content);

    /// <summary>Writes the end of the archive; leaves the destination open.</summary>
    public void Dispose() => tar.Dispose();

    private void Add(TarEntryType type, string name, UnixFileMode mode, Stream? content = null, string? target = null)
    {
        var entry = new GnuTarEntry(type, name) { Mode = mode, ModificationTime = Time };
        if (target is not null)
        {
            entry.LinkName = target;
        }

        if (content is not null)
        {
            entry.DataStream = content;
        }

        tar.WriteEntry(entry);
    }
}

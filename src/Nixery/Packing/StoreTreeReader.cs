using System.Formats.Tar;
using Nixery.Closures;
using Nixery.Rootfs;

namespace Nixery.Packing;

/// <summary>Reads from disk what store objects are made of.</summary>
/// <param name="storeDirectory">The folder that holds the store objects: <c>/nix/store</c>, or where a store elsewhere keeps them.</param>
internal sealed class StoreTreeReader(string storeDirectory)
{
    private static readonly DateTime RegisteredTime = DateTime.UnixEpoch.AddSeconds(1);

    private static readonly EnumerationOptions All = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };

    /// <summary>Where the store object is on this machine.</summary>
    public string Locate(StorePath path) => Path.Combine(storeDirectory, path.BaseName);

    /// <summary>
    /// Whether the path is there and not registered: a build that runs, or failed and left it. Nix gives the same time to all that it
    /// registers, and gives it last. Of a store that was copied without its times nothing counts as registered.
    /// </summary>
    public bool IsUnfinished(StorePath path) => Path.Exists(Locate(path)) && File.GetLastWriteTimeUtc(Locate(path)) != RegisteredTime;

    /// <exception cref="FileNotFoundException">The store does not have the path.</exception>
    /// <exception cref="UnpackableException">It has what a store cannot have: a pipe, a device, a name that is not UTF-8.</exception>
    public StoreTree Read(StorePath path, CancellationToken cancellationToken)
    {
        var location = Locate(path);
        FileSystemInfo top = Directory.Exists(location) ? new DirectoryInfo(location) : new FileInfo(location);
        return top.Exists
            ? ReadNode(top, cancellationToken)
            : throw new FileNotFoundException($"the store does not have {path}", location);
    }

    private StoreTree ReadNode(FileSystemInfo info, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return info switch
        {
            _ when info.Attributes.HasFlag(FileAttributes.ReparsePoint) => new StoreTree.Link(Checked(info.LinkTarget!, info)),
            DirectoryInfo directory => new StoreTree.Directory(
                directory.EnumerateFileSystemInfos("*", All)
                    .Select(child => KeyValuePair.Create(Checked(child.Name, child), ReadNode(child, cancellationToken)))),
            FileInfo file => new StoreTree.File(IsRegular(file)
                ? file.UnixFileMode.HasFlag(UnixFileMode.UserExecute)
                : throw new UnpackableException($"'{Place(file)}' is neither file, directory nor link")),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    // .NET reads names as UTF-8 and puts U+FFFD for what is none; the file could not be opened again by such a name.
    private string Checked(string text, FileSystemInfo info) =>
        text.Contains('\uFFFD', StringComparison.Ordinal)
            ? throw new UnpackableException($"a name or link target is not valid UTF-8: '{Place(info)}'")
            : text;

    // Pipes and devices look like empty files; of all of .NET only the tar writer tells them apart (without opening them).
    private static bool IsRegular(FileInfo file)
    {
        if (file.Length > 0)
        {
            return true;
        }

        using var header = new MemoryStream();
        using (var tar = new TarWriter(header, TarEntryFormat.Gnu, leaveOpen: true))
        {
            tar.WriteEntry(file.FullName, "empty");
        }

        header.Position = 0;
        using var reader = new TarReader(header);
        return reader.GetNextEntry()?.EntryType == TarEntryType.RegularFile;
    }

    private string Place(FileSystemInfo info) => Path.GetRelativePath(storeDirectory, info.FullName);
}

using System.Diagnostics;
using Nixery.Closures;
using Nixery.Rootfs;

namespace Nixery.Packing;

/// <summary>
/// Store paths as a tar: <c>nix/</c>, <c>nix/store/</c>, then each path with all below it, in ordinal order of the entry
/// names. The bytes depend on the store objects alone.
/// </summary>
internal sealed class StorePathTar(StoreTreeReader store, IEnumerable<StorePath> paths) : ILayerContent
{
    private const UnixFileMode Executable = (UnixFileMode)0b101_101_101;
    private const UnixFileMode Plain = (UnixFileMode)0b100_100_100;

    /// <summary>After the tar is written: the size that the store paths have as NARs.</summary>
    public long NarSizeBytes { get; private set; }

    /// <exception cref="UnpackableException">The store has what a store cannot have: a pipe, a device, a name that is not UTF-8.</exception>
    /// <exception cref="IOException">A file cannot be read, or changes its length meanwhile.</exception>
    public void WriteTo(Stream destination, CancellationToken cancellationToken)
    {
        using var tar = new LayerTar(destination);
        tar.AddDirectory("nix/", LayerTar.OpenDirectory);
        tar.AddDirectory("nix/store/", LayerTar.OpenDirectory);
        NarSizeBytes = 0;
        foreach (var path in paths.Distinct().Order())
        {
            NarSizeBytes += NarSize.Header + Add(tar, path.Text[1..], store.Locate(path), store.Read(path, cancellationToken), cancellationToken);
        }
    }

    /// <returns>The size of the node in a NAR.</returns>
    private static long Add(LayerTar tar, string name, string location, StoreTree node, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (node)
        {
            case StoreTree.Link link:
                tar.AddLink(name, link.Target);
                return NarSize.Link(link.Target);
            case StoreTree.File file:
                using (var content = new StoreFileStream(location, cancellationToken))
                {
                    tar.AddFile(name, file.Executable ? Executable : Plain, content);
                    return NarSize.File(content.Length, file.Executable);
                }

            case StoreTree.Directory directory:
                tar.AddDirectory($"{name}/", Executable);
                return NarSize.Directory + directory.Entries.OrderBy(SortKey, StringComparer.Ordinal).Sum(entry =>
                    NarSize.Entry(entry.Key) + Add(tar, $"{name}/{entry.Key}", Path.Combine(location, entry.Key), entry.Value, cancellationToken));
            default:
                throw new UnreachableException();
        }
    }

    // A directory sorts as it is written, with its slash: so the names of the whole tar are in order, a- before a/b.
    private static string SortKey(KeyValuePair<string, StoreTree> entry) =>
        entry.Value is StoreTree.Directory ? $"{entry.Key}/" : entry.Key;
}

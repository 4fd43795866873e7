using System.Diagnostics;
using System.Text;
using Nixery.Rootfs;

namespace Nixery.Packing;

/// <summary>
/// The root layer as a tar. Its first entry is <c>./</c>, for the mode of <c>/</c> itself: docker applies it, containerd has
/// 0755 anyhow, and podman's overlay passes over it as it does for every image (docs/decisions/0002-tar-format.md).
/// </summary>
internal sealed class RootLayerTar(RootTree root) : ILayerContent
{
    public void WriteTo(Stream destination, CancellationToken cancellationToken)
    {
        using var tar = new LayerTar(destination);
        foreach (var entry in root.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(tar, entry);
        }
    }

    private static void Add(LayerTar tar, RootEntry entry)
    {
        switch (entry)
        {
            case RootEntry.Directory directory:
                tar.AddDirectory(directory.Path.Length == 0 ? "./" : $"{directory.Path}/", directory.Mode);
                break;
            case RootEntry.Link link:
                tar.AddLink(link.Path, link.Target);
                break;
            case RootEntry.File file:
                using (var content = new MemoryStream(Encoding.UTF8.GetBytes(file.Text), writable: false))
                {
                    tar.AddFile(file.Path, file.Mode, content);
                }

                break;
            default:
                throw new UnreachableException();
        }
    }
}

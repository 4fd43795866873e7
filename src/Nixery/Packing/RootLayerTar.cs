using System.Diagnostics;
using System.Text;
using Nixery.Rootfs;

namespace Nixery.Packing;

/// <summary>
/// The root layer as a tar. Its first entry, of the directory <c>/</c> itself, is the one name with a leading slash: podman
/// (overlay, measured with 4.3.1) gives <c>/</c> the mode 0555 where no layer says otherwise, and passes over the entries
/// <c>.</c> and <c>./</c>. All of docker, podman and containerd accept it.
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
                tar.AddDirectory($"{directory.Path}/", directory.Mode);
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

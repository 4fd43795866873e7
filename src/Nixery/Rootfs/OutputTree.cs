using Nixery.Closures;

namespace Nixery.Rootfs;

/// <summary>One output of the image with its tree; knows where links lead as long as they stay inside the output.</summary>
internal sealed record OutputTree(StorePath Path, StoreTree Tree)
{
    // As many as Linux follows before it says ELOOP.
    private const int MaxLinks = 40;

    /// <summary>
    /// What stands at <paramref name="path"/> (below the output, parts separated by slashes) when links inside the output
    /// are followed. An absolute link that leads out of the output is itself the answer. Null when nothing stands there.
    /// </summary>
    public StoreTree? Find(string path)
    {
        var linksLeft = MaxLinks;
        return Walk(path, ref linksLeft, new Stack<StoreTree>([Tree]));
    }

    /// <summary>Whether a program can read a file at this place, as far as this output alone can tell.</summary>
    public bool HasFile(string path) => Find(path) is not null and not StoreTree.Directory;

    // The stack is the way from the output's top to where the walk stands: ".." goes back one step.
    private StoreTree? Walk(string path, ref int linksLeft, Stack<StoreTree> way)
    {
        foreach (var part in path.Split('/').Where(p => p is not ("" or ".")))
        {
            if (part == "..")
            {
                way.Pop();
            }
            else if (way.Peek() is not StoreTree.Directory directory || !directory.TryGet(part, out var node))
            {
                return null;
            }
            else if (node is not StoreTree.Link link)
            {
                way.Push(node);
            }
            else if (linksLeft-- == 0 || Follow(link, ref linksLeft, way) is null)
            {
                return null;
            }

            if (way.Count == 0)
            {
                return null;
            }
        }

        return way.Peek();
    }

    private StoreTree? Follow(StoreTree.Link link, ref int linksLeft, Stack<StoreTree> way)
    {
        if (!link.Target.StartsWith('/'))
        {
            return Walk(link.Target, ref linksLeft, way);
        }

        if (!$"{link.Target}/".StartsWith($"{Path.Text}/", StringComparison.Ordinal))
        {
            way.Push(link);
            return link;
        }

        way.Clear();
        way.Push(Tree);
        return Walk(link.Target[Path.Text.Length..], ref linksLeft, way);
    }
}

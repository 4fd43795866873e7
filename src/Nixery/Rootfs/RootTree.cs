namespace Nixery.Rootfs;

/// <summary>
/// What stands at <c>/</c>: links into the outputs, and the files that every image has.
/// A directory that one output alone has is one link; where several have it, it is a directory of links, and so on below.
/// A link of an output to a directory of the same output (<c>sbin</c> to <c>bin</c>) counts as that directory.
/// Where outputs disagree, the first one wins.
/// </summary>
internal sealed class RootTree
{
    private RootTree(IReadOnlyList<RootEntry> entries, IReadOnlyList<RootConflict> conflicts)
    {
        Entries = entries;
        Conflicts = conflicts;
    }

    /// <summary>Sorted ordinally by path, so that parents precede their children; the first is <c>/</c> itself.</summary>
    public IReadOnlyList<RootEntry> Entries { get; }

    /// <summary>What was left out, in the order of the paths; for the log.</summary>
    public IReadOnlyList<RootConflict> Conflicts { get; }

    /// <summary>Links the outputs into one tree; the order of the outputs decides where they disagree.</summary>
    public static RootTree Of(IReadOnlyList<OutputTree> outputs, BaseFiles baseFiles)
    {
        var merge = new RootMerge(baseFiles);
        merge.Add(outputs);
        return new RootTree(merge.Entries(), merge.Conflicts());
    }
}

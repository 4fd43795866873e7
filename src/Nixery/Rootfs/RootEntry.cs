namespace Nixery.Rootfs;

/// <summary>
/// One thing that stands at <c>/</c> or below it in the root layer. The path has no slash at either end; the path of
/// <c>/</c> itself is empty.
/// </summary>
internal abstract record RootEntry
{
    private RootEntry(string path) => Path = path;

    public string Path { get; }

    public sealed record Directory(string At, UnixFileMode Mode) : RootEntry(At);

    public sealed record Link(string At, string Target) : RootEntry(At);

    /// <summary>A file of every image's own; it is short text and written as UTF-8.</summary>
    public sealed record File(string At, string Text, UnixFileMode Mode) : RootEntry(At);
}

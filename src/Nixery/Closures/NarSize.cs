using System.Text;

namespace Nixery.Closures;

/// <summary>
/// How many bytes a store object has as a NAR, which Nix keeps for each: a check that what was read is all of it.
/// Format: https://nix.dev/manual/nix/latest/protocols/nix-archive
/// </summary>
public static class NarSize
{
    /// <summary>What a NAR has besides its top node.</summary>
    public static readonly long Header = Of("nix-archive-1");

    private static readonly long Brackets = Of("(") + Of(")");
    private static readonly long Type = Brackets + Of("type");

    public static long File(long lengthBytes, bool isExecutable) =>
        Type + Of("regular") + (isExecutable ? Of("executable") + Of("") : 0) + Of("contents") + Padded(lengthBytes);

    public static long Link(string target) => Type + Of("symlink") + Of("target") + Of(target);

    /// <summary>A directory without its entries.</summary>
    public static long Directory { get; } = Type + Of("directory");

    /// <summary>One entry of a directory without its node.</summary>
    public static long Entry(string name) => Of("entry") + Brackets + Of("name") + Of(name) + Of("node");

    private static long Of(string text) => Padded(Encoding.UTF8.GetByteCount(text));

    // A length of eight bytes, then the content up to a multiple of eight.
    private static long Padded(long lengthBytes) => 8 + ((lengthBytes + 7) / 8 * 8);
}

using System.Security.Cryptography;
using System.Text;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// Identity of a layer that holds store paths: which paths, and how they are packed. What is stored under it is reused and
/// never made again.
/// </summary>
public sealed record LayerKey
{
    private LayerKey(string text) => Text = text;

    /// <summary>64 lower-case hex digits.</summary>
    public string Text { get; }

    /// <param name="packing">Tar format, encoder and its parameters.</param>
    /// <param name="paths">In any order.</param>
    public static LayerKey Of(string packing, IEnumerable<StorePath> paths)
    {
        // Neither a packing nor a store path can hold a line break, so the join is unambiguous.
        var lines = string.Join('\n', paths.Order().Select(p => p.Text).Prepend(packing));
        return new LayerKey(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines))));
    }

    public override string ToString() => Text;
}

using System.Globalization;
using Nixery.Closures;

namespace Nixery.Tables;

/// <summary>
/// What a binary cache says of a store path: lines of <c>Name: value</c>. Format: https://nix.dev/manual/nix/latest/protocols/
/// (as served by cache.nixos.org under <c>&lt;hash&gt;.narinfo</c>).
/// </summary>
internal static class NarInfoText
{
    /// <exception cref="FormatException">It is no narinfo file, or one of another store directory.</exception>
    public static ClosureNode Parse(string text)
    {
        var fields = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.TrimEnd('\r').Split(": ", 2)).Where(parts => parts.Length == 2)
            .DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var references = fields.GetValueOrDefault("References", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new ClosureNode(
            StorePath.Parse(fields.GetValueOrDefault("StorePath", "")),
            long.TryParse(fields.GetValueOrDefault("NarSize"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= ClosureNode.MostNarSizeBytes
                ? size
                : throw new FormatException("it does not tell its NAR size, or one that cannot be"),
            [.. references.Select(r => StorePath.Parse($"{StorePath.StoreDirectory}/{r}"))]);
    }
}

using System.Text.Json;
using Nixery.Closures;

namespace Nixery.Building.Nix;

/// <summary>
/// Reads what <c>nix path-info --json --recursive</c> prints. Three shapes are in use: a list of objects with their path
/// (before Nix 2.19), an object keyed by path (2.19), and one with <c>version</c> and <c>info</c>, keyed by base name (2.33).
/// https://nix.dev/manual/nix/latest/protocols/json/store-object-info
/// </summary>
internal static class NixJson
{
    /// <exception cref="InvalidDataException">The text is nothing that Nix prints, or says that a path is not valid.</exception>
    public static IReadOnlyList<ClosureNode> PathInfo(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. Entries(document.RootElement).Select(e => Node(e.Path, e.Content))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"the answer of 'nix path-info' cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<(string Path, JsonElement Content)> Entries(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            return root.EnumerateArray().Select(e => (e.GetProperty("path").GetString() ?? "", e));
        }

        var entries = root.TryGetProperty("info", out var info) ? info : root;
        return entries.EnumerateObject().Select(e => (e.Name, e.Value));
    }

    private static ClosureNode Node(string path, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.Null || (content.TryGetProperty("valid", out var valid) && !valid.GetBoolean()))
        {
            throw new FormatException($"{path} is not in the store");
        }

        var size = content.GetProperty("narSize").GetInt64();
        return size >= 0
            ? new ClosureNode(Parse(path), size, [.. content.GetProperty("references").EnumerateArray().Select(r => Parse(r.GetString() ?? ""))])
            : throw new FormatException($"{path} has the size {size}");
    }

    private static StorePath Parse(string text) =>
        StorePath.Parse(text.Contains('/', StringComparison.Ordinal) ? text : $"{StorePath.StoreDirectory}/{text}");
}

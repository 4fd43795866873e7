using System.Text.Json;

namespace Nixery.Rootfs;

/// <summary>
/// A <see cref="StoreTree"/> as JSON, to be remembered: a directory is an object, a file <c>"-"</c> or, when it is executable,
/// <c>"x"</c>, a link <c>"@"</c> and its target.
/// </summary>
internal static class StoreTreeJson
{
    /// <summary>A path in a store has fewer components than it has characters, and a kernel takes 4096 of those.</summary>
    private const int DeepestTree = 2048;

    public static byte[] Write(StoreTree tree)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { MaxDepth = DeepestTree }))
        {
            Write(writer, tree);
        }

        return bytes.ToArray();
    }

    /// <exception cref="JsonException">It is no tree.</exception>
    public static StoreTree Read(ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = DeepestTree });
        return Read(document.RootElement);
    }

    private static void Write(Utf8JsonWriter writer, StoreTree tree)
    {
        switch (tree)
        {
            case StoreTree.File file:
                writer.WriteStringValue(file.Executable ? "x" : "-");
                break;
            case StoreTree.Link link:
                writer.WriteStringValue("@" + link.Target);
                break;
            case StoreTree.Directory directory:
                writer.WriteStartObject();
                foreach (var (name, node) in directory.Entries)
                {
                    writer.WritePropertyName(name);
                    Write(writer, node);
                }

                writer.WriteEndObject();
                break;
        }
    }

    private static StoreTree Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new StoreTree.Directory([.. element.EnumerateObject().Select(p => KeyValuePair.Create(Checked(p.Name), Read(p.Value)))]),
        JsonValueKind.String => element.GetString() switch
        {
            "-" => new StoreTree.File(executable: false),
            "x" => new StoreTree.File(executable: true),
            ['@', .. var target] => new StoreTree.Link(target),
            _ => throw new JsonException("no kind of file"),
        },
        _ => throw new JsonException("no tree"),
    };

    /// <summary>A name that leads elsewhere would put files where the record says, not where the store has them.</summary>
    private static string Checked(string name) =>
        name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0') ? throw new JsonException("no file name") : name;
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Nixery.Closures;

/// <summary>
/// The path of one object in the Nix store: <c>/nix/store/&lt;32 characters&gt;-&lt;name&gt;</c>, nothing below it.
/// Grammar: https://nix.dev/manual/nix/latest/store/store-path
/// </summary>
[JsonConverter(typeof(StorePathJsonConverter))]
public sealed partial record StorePath : IComparable<StorePath>
{
    /// <summary>The store that images are made for; programs have it compiled in.</summary>
    public const string StoreDirectory = "/nix/store";

    private const int NameStart = 11 + 32 + 1;

    private StorePath(string text) => Text = text;

    /// <summary>The whole path, beginning with <c>/nix/store/</c>.</summary>
    public string Text { get; }

    /// <summary>The last component: <c>&lt;hash&gt;-&lt;name&gt;</c>.</summary>
    public string BaseName => Text[(StoreDirectory.Length + 1)..];

    /// <summary>The path without directory and hash: <c>git-2.39.5</c>.</summary>
    public string Name => Text[NameStart..];

    public static bool TryParse(string text, [NotNullWhen(true)] out StorePath? path)
    {
        path = Grammar().IsMatch(text) ? new StorePath(text) : null;
        return path is not null;
    }

    public static StorePath Parse(string text) =>
        TryParse(text, out var path) ? path : throw new FormatException($"'{text}' is no store path");

    public int CompareTo(StorePath? other) => string.CompareOrdinal(Text, other?.Text);

    public override string ToString() => Text;

    // The hash is in Nix's base 32, which has no e, o, t and u; a name is at most 211 characters long.
    [GeneratedRegex(@"\A/nix/store/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-_?=][0-9a-zA-Z+\-._?=]{0,210}\z")]
    private static partial Regex Grammar();
}

internal sealed class StorePathJsonConverter : JsonConverter<StorePath>
{
    public override StorePath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StorePath.TryParse(reader.GetString() ?? "", out var path) ? path : throw new JsonException("no store path");

    public override void Write(Utf8JsonWriter writer, StorePath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text);
}

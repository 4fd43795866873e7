using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Nixery.Images;

/// <summary>A tag of the distribution specification: at most 128 of <c>[a-zA-Z0-9_.-]</c>, not beginning with '.' or '-'.</summary>
public sealed partial record Tag
{
    public static readonly Tag Latest = new("latest");

    private Tag(string text) => Text = text;

    public string Text { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out Tag? tag)
    {
        tag = Grammar().IsMatch(text) ? new Tag(text) : null;
        return tag is not null;
    }

    public static Tag Parse(string text) => TryParse(text, out var tag) ? tag : throw new FormatException($"'{text}' is no tag");

    public override string ToString() => Text;

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z")]
    private static partial Regex Grammar();
}

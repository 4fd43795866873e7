using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Nixery.Images;

/// <summary>
/// What the user typed for one package: a component of an <see cref="ImageName"/>. Dots reach into nested sets
/// and outputs: <c>python3packages.numpy</c>, <c>openssl.bin</c>.
/// </summary>
public sealed partial record PackageName : IComparable<PackageName>
{
    private PackageName(string text) => Text = text;

    public string Text { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out PackageName? name)
    {
        name = Grammar().IsMatch(text) ? new PackageName(text) : null;
        return name is not null;
    }

    public static PackageName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is no package name");

    public int CompareTo(PackageName? other) => string.CompareOrdinal(Text, other?.Text);

    public override string ToString() => Text;

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}

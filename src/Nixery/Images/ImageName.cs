using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Nixery.Images;

/// <summary>
/// A repository name of the distribution specification: <c>shell/git/htop</c>. Lower case, at most
/// <see cref="MaxLength"/> characters and <see cref="MaxComponents"/> components.
/// Grammar: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
/// </summary>
public sealed partial record ImageName
{
    /// <summary>The specification advises 255 characters for host and name together.</summary>
    public const int MaxLength = 255;

    /// <summary>More packages than this in one name are refused before anything runs.</summary>
    public const int MaxComponents = 64;

    private ImageName(string text)
    {
        Text = text;
        Components = text.Split('/');
    }

    public string Text { get; }

    public IReadOnlyList<string> Components { get; }

    public bool Equals(ImageName? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Parses <paramref name="text"/>; <paramref name="problem"/> says in one sentence what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImageName? name, [NotNullWhen(false)] out string? problem)
    {
        name = null;
        problem = ProblemOf(text);
        if (problem is not null)
        {
            return false;
        }

        name = new ImageName(text);
        return true;
    }

    public static ImageName Parse(string text) =>
        TryParse(text, out var name, out var problem) ? name : throw new FormatException(problem);

    /// <summary>What comes after the first component; null when nothing does.</summary>
    public ImageName? WithoutFirst() => Components.Count == 1 ? null : new ImageName(Text[(Components[0].Length + 1)..]);

    public override string ToString() => Text;

    private static string? ProblemOf(string text)
    {
        if (text.Length == 0)
        {
            return "the image name is empty: name at least one package";
        }

        if (text.Length > MaxLength)
        {
            return $"the image name has {text.Length} characters, at most {MaxLength} are allowed";
        }

        if (text.Any(char.IsAsciiLetterUpper))
        {
            return "an image name must be lower case; packages with capitals in their names are found without them";
        }

        if (!Grammar().IsMatch(text))
        {
            return "an image name is package names joined by '/', each of a-z and 0-9 with single '.', '_', '__' or '-' between";
        }

        var components = text.Count(c => c == '/') + 1;
        return components > MaxComponents
            ? $"the image name lists {components} packages, at most {MaxComponents} are allowed"
            : null;
    }

    // Each character decides the way, so there is nothing to backtrack over, however long a hostile name is.
    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}

using Nixery.Images;

namespace Nixery.Building.Nix;

/// <summary>
/// Which existing names a mistyped one could have been: those within a few typing errors, then those that begin with it
/// or that it begins with, then those that contain it. Deterministic.
/// </summary>
internal static class NearestNames
{
    public const int MaxNames = 5;

    // Scores: 10 a typing error; one name inside another stands behind one and two of them.
    private const int PerError = 10;
    private const int Prefix = 14;
    private const int Inside = 24;
    private const int MinPrefix = 3;

    /// <summary>Names near to <paramref name="typed"/>, as they can be typed, best first.</summary>
    /// <param name="typed">What was asked for: <c>python3packages.nunpy</c>.</param>
    /// <param name="setPath">The attribute path of the set where the search ended: <c>python3Packages</c>; may be empty.</param>
    /// <param name="candidates">The names of that set.</param>
    public static IReadOnlyList<string> Of(PackageName typed, string setPath, IEnumerable<string> candidates)
    {
        var prefix = setPath.Length == 0 ? "" : string.Join('.', setPath.Split('.').Select(AsTyped)) + ".";
        var component = prefix.Length < typed.Text.Length ? typed.Text[prefix.Length..].Split('.')[0] : typed.Text;
        return [.. candidates
            .Select(AsTyped)
            .Where(name => name != component)
            .Select(name => (Name: name, Score: Score(component, name)))
            .Where(c => c.Score < int.MaxValue)
            .OrderBy(c => c.Score).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => prefix + c.Name)
            .Distinct()
            .Where(name => PackageName.TryParse(name, out _))
            .Take(MaxNames)];
    }

    // Lower case, and without the underscore that stands before a digit: both are found that way.
    private static string AsTyped(string attribute)
    {
        var folded = attribute.ToLowerInvariant();
        return folded.Length > 1 && folded[0] == '_' && char.IsAsciiDigit(folded[1]) ? folded[1..] : folded;
    }

    private static int Score(string typed, string name)
    {
        var limit = typed.Length switch { <= 3 => 1, <= 8 => 2, _ => 3 };
        var errors = TypingErrors.Between(typed, name, limit);
        return Math.Min(errors <= limit ? errors * PerError : int.MaxValue, Containment(typed, name));
    }

    private static int Containment(string typed, string name)
    {
        var (inner, outer) = typed.Length <= name.Length ? (typed, name) : (name, typed);
        var place = inner.Length >= MinPrefix ? outer.IndexOf(inner, StringComparison.Ordinal) : -1;
        return place < 0 ? int.MaxValue : (place == 0 ? Prefix : Inside) + Math.Min(outer.Length - inner.Length, PerError);
    }
}

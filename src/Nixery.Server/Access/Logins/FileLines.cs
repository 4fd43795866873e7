namespace Nixery.Server.Access.Logins;

/// <summary>Files of <c>name:value</c>, a line each; empty lines and those that begin with # say nothing.</summary>
internal static class FileLines
{
    private const int LongestName = 255;

    /// <exception cref="FormatException">Names the line by its number alone: what stands in it may be secret.</exception>
    public static IEnumerable<(int Number, string Name, string Value)> Pairs(string text)
    {
        foreach (var (number, line) in Of(text))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon > LongestName || line[..colon].Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            {
                throw new FormatException($"line {number} is not of the form name:value");
            }

            yield return (number, line[..colon], line[(colon + 1)..].Trim());
        }
    }

    /// <summary>The lines that say something, with their numbers from 1.</summary>
    public static IEnumerable<(int Number, string Text)> Of(string text) =>
        text.Split('\n').Select((line, index) => (index + 1, line.Trim())).Where(line => line.Item2.Length > 0 && line.Item2[0] != '#');
}

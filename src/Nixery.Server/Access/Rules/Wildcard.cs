using System.IO.Enumeration;

namespace Nixery.Server.Access.Rules;

/// <summary>Texts in which <c>*</c> stands for anything, the empty text too, and no other character for any but itself.</summary>
internal static class Wildcard
{
    public static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(
        pattern.IndexOfAny(['?', '\\']) < 0 ? pattern : pattern.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("?", @"\?", StringComparison.Ordinal),
        text,
        ignoreCase: false);
}

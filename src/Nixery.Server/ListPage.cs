using System.Globalization;

namespace Nixery.Server;

/// <summary>A page of a sorted list, as the client asked for it: <c>n</c> entries that come after <c>last</c>.</summary>
/// <param name="Entries">In ordinal order.</param>
/// <param name="HasMore">Whether there are entries behind these.</param>
internal sealed record ListPage(IReadOnlyList<string> Entries, bool HasMore)
{
    /// <param name="sorted">In ordinal order, each once.</param>
    /// <param name="query">Of the request.</param>
    /// <param name="most">A page has no more than this, whatever was asked for.</param>
    /// <returns>Null when <c>n</c> is no number of entries.</returns>
    public static ListPage? Find(IReadOnlyList<string> sorted, IQueryCollection query, int most)
    {
        var n = query["n"].ToString();
        if (n.Any(c => !char.IsAsciiDigit(c)))
        {
            return null;
        }

        // What is larger than any number here asks for all there is.
        var count = int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, most) : most;
        var last = query["last"].ToString();
        var after = last.Length == 0 ? sorted : [.. sorted.SkipWhile(entry => string.CompareOrdinal(entry, last) <= 0)];
        return new ListPage([.. after.Take(count)], HasMore: after.Count > count);
    }

    /// <summary>Where the next page is, for a <c>Link</c> header (RFC 8288); null at the end of the list, and for a page of none.</summary>
    public string? NextLink(string path) => HasMore && Entries.Count > 0
        ? string.Create(CultureInfo.InvariantCulture, $"<{path}?n={Entries.Count}&last={Uri.EscapeDataString(Entries[^1])}>; rel=\"next\"")
        : null;
}

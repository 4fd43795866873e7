namespace Nixery.Pulls.Keeping;

/// <summary>All kinds of records, and how long each is kept that nothing needs: none grows without bound.</summary>
internal static class RecordKinds
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>What is made again in seconds, by Nix.</summary>
    private static readonly TimeSpan Quarter = TimeSpan.FromDays(90);

    /// <summary>
    /// By which table an image was planned: as long as its pin is asked for, the same bytes are to come out, whether they are stored or not.
    /// </summary>
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>Null for what stays: a few for each package set, and what goes with its blob.</summary>
    private static readonly Dictionary<string, TimeSpan?> Ages = new(StringComparer.Ordinal)
    {
        ["image"] = Quarter,
        ["use"] = Quarter,
        ["image-table"] = Year,
        ["repository"] = Year,
        ["pin-table"] = Year,
        ["pin-tables"] = Year,
        ["package"] = Quarter,
        ["closure"] = Quarter,
        ["tree"] = Quarter,
        ["failure"] = Day,
        ["condemned"] = Day,
        ["lease"] = Day,
        [ImageUses.SignKind] = TimeSpan.FromDays(2),
        ["layer"] = null,
        ["table"] = null,
        ["table-read"] = null,
        ["observed"] = null,
        ["probe"] = null,
        ["pin"] = null,
    };

    public static IEnumerable<string> All => Ages.Keys;

    public static IEnumerable<(string Kind, TimeSpan Age)> Aging =>
        Ages.Where(a => a.Value is not null).Select(a => (a.Key, a.Value!.Value));
}

using Nixery.Images;

namespace Nixery.Sources;

/// <summary>The pages of a <see cref="PinBook"/>, and guarded by it. Tags come from outside; what is remembered of them stays bounded.</summary>
internal sealed class PinPages
{
    private const int MostTags = 1000;

    private readonly Dictionary<Tag, PinPage> _pages = [];

    public IEnumerable<(Tag Tag, PinPage Page)> All => _pages.Select(p => (p.Key, p.Value));

    /// <summary>The page of a tag that is used now; an empty one when there is none yet.</summary>
    public PinPage Open(Tag tag, long now)
    {
        if (!_pages.TryGetValue(tag, out var page))
        {
            if (_pages.Count >= MostTags)
            {
                MakeRoom();
            }

            _pages[tag] = page = new PinPage { Tag = tag.Text };
        }

        page.Used = now;
        return page;
    }

    public IReadOnlyList<PinStatus> Status(DateTimeOffset now) =>
    [
        .. All.Where(p => p.Page.Pin is not null || p.Page.Failure is not null).OrderBy(p => p.Tag.Text, StringComparer.Ordinal)
            .Select(p => new PinStatus(
                p.Tag.Text, p.Page.Pin?.Source.Revision, p.Page.Pin is null ? null : now - p.Page.Confirmed, p.Page.Failure)),
    ];

    /// <summary>What means nothing goes first, then what was not asked for longest. A look-up under way keeps its page.</summary>
    private void MakeRoom()
    {
        var leaving = _pages.Where(p => p.Value.Running is null)
            .OrderBy(p => p.Value.Pin is not null).ThenBy(p => p.Value.Used).Take(MostTags / 4).Select(p => p.Key).ToList();
        leaving.ForEach(tag => _pages.Remove(tag));
    }
}

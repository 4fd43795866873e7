using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>An image that goes.</summary>
/// <param name="Why">As the rest of a sentence.</param>
/// <param name="FreedBytes">What nothing names any more when it and all before it are gone.</param>
internal sealed record Victim(ImageInStore Image, string Why, long FreedBytes);

/// <summary>What is to go, and why. Nothing is read or written for it.</summary>
/// <param name="Victims">In the order in which they are chosen.</param>
/// <param name="Orphans">Blobs that no image names, and that no build has just made.</param>
/// <param name="Strays">Those of the orphans that are manifests, and what they name.</param>
/// <param name="UsedBytes">Before any of it goes.</param>
/// <param name="FreedBlobs">How many go in all.</param>
/// <param name="FreedBytes">By all of it.</param>
/// <param name="Shortage">Why it is not enough, in a sentence for a client; null when it is.</param>
internal sealed record EvictionPlan(
    IReadOnlyList<Victim> Victims,
    IReadOnlyList<ListedBlob> Orphans,
    IReadOnlyDictionary<Digest, IReadOnlyList<Digest>> Strays,
    long UsedBytes,
    int FreedBlobs,
    long FreedBytes,
    string? Shortage);

/// <summary>Chooses what goes: what is older than it may be, and then what was used least lately, until there is room.</summary>
internal sealed class EvictionPlanner(KeepingOptions options)
{
    /// <summary>A build may have made a blob and be still at the next; while there is room it is left in peace.</summary>
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    /// <param name="wantedBytes">What is to come.</param>
    public EvictionPlan Make(StorageState state, long wantedBytes, DateTimeOffset now)
    {
        var live = state.Images.Where(i => !i.Image.IsGone).ToList();
        var isFull = options.IsFull(state.UsedBytes + wantedBytes);
        var orphanAge = isFull || options.Grace > OrphanAge ? options.Grace : OrphanAge;
        var strays = state.Strays.Where(s => now - state.Blobs[s.Key].Written > orphanAge).ToDictionary();
        // What somebody is at, who has no record yet.
        var needed = state.InUse.Concat(state.Blobs.Values.Where(b => now - b.Written <= options.Grace).Select(b => b.Digest))
            .Concat(state.Strays.Where(s => !strays.ContainsKey(s.Key)).SelectMany(s => s.Value.Append(s.Key)));
        var draft = new Draft(state, live.SelectMany(i => i.Digests.Distinct()).Concat(needed));
        foreach (var image in state.Images.Where(i => i.Image.IsGone && i.Digests.Any(draft.IsUnnamed)))
        {
            draft.LetGo(image, "was let go before, and not all of it is deleted");
        }

        var orphans = draft.Unnamed().Where(b => now - b.Written > orphanAge).OrderBy(b => b.Digest.Hex, StringComparer.Ordinal).ToList();
        draft.FreedBytes += orphans.Sum(o => o.SizeBytes);

        var kept = new KeptNames(options.Keep).Among(live);
        var mayGo = live.Where(i => !kept.Contains(i) && now - i.LastMoment > options.Grace)
            .OrderBy(i => i.LastUse).ThenBy(i => i.LastMoment).ThenBy(i => i.Key.Hex, StringComparer.Ordinal).ToList();
        foreach (var image in mayGo)
        {
            if (WhyNow(image, draft, now) is { } why)
            {
                draft.LetGo(image, why);
            }
            else if (isFull && draft.LeftBytes > options.TargetBytes(wantedBytes))
            {
                draft.LetGo(image, $"last used {image.LastUse:yyyy-MM-dd}, and the limit of {options.MaxBytes} bytes is reached");
            }
        }

        return new EvictionPlan(draft.Victims, orphans, strays, state.UsedBytes, draft.FreedBlobs + orphans.Count, draft.FreedBytes, FindShortage(draft, wantedBytes));
    }

    /// <summary>Whatever the limit.</summary>
    private string? WhyNow(ImageInStore image, Draft draft, DateTimeOffset now) =>
        // The list of blobs is older than the records.
        now - image.Written > OrphanAge && image.Image.All().Any(b => !draft.IsStored(b.Digest)) ? "is not whole"
        : options.MaxAge > TimeSpan.Zero && image.LastUse < ImageUses.DayOf(now - options.MaxAge) ? $"last used {image.LastUse:yyyy-MM-dd}, longer ago than {options.MaxAge.TotalDays:0.##} days"
        : null;

    private string? FindShortage(Draft draft, long wantedBytes) => options.MaxBytes == 0 || draft.LeftBytes + wantedBytes <= options.MaxBytes
        ? null
        : $"the storage of this registry is full, up to its limit of {options.MaxBytes} bytes, of images that stay or were pulled within the last {Math.Ceiling(options.Grace.TotalSeconds)} s, and of what is being built; ask again in a while";

    /// <summary>Who names what, while images go one by one.</summary>
    private sealed class Draft
    {
        private readonly StorageState _state;
        private readonly Dictionary<Digest, int> _names = [];
        private readonly HashSet<Digest> _freed = [];
        private readonly long _usedBytes;

        public Draft(StorageState state, IEnumerable<Digest> named)
        {
            _state = state;
            _usedBytes = state.UsedBytes;
            foreach (var digest in named)
            {
                _names[digest] = _names.GetValueOrDefault(digest) + 1;
            }
        }

        public List<Victim> Victims { get; } = [];

        public int FreedBlobs => _freed.Count;

        public long FreedBytes { get; set; }

        public long LeftBytes => _usedBytes - FreedBytes;

        public bool IsStored(Digest digest) => _state.Blobs.ContainsKey(digest);

        public bool IsUnnamed(Digest digest) => IsStored(digest) && _names.GetValueOrDefault(digest) == 0;

        public IEnumerable<ListedBlob> Unnamed() => _state.Blobs.Values.Where(b => IsUnnamed(b.Digest) && !_freed.Contains(b.Digest));

        public void LetGo(ImageInStore image, string why)
        {
            var freed = 0L;
            foreach (var digest in image.Digests.Distinct())
            {
                _names[digest] = image.Image.IsGone ? _names.GetValueOrDefault(digest) : _names[digest] - 1;
                if (IsUnnamed(digest) && _freed.Add(digest))
                {
                    freed += _state.Blobs[digest].SizeBytes;
                }
            }

            FreedBytes += freed;
            Victims.Add(new Victim(image, why, freed));
        }
    }
}

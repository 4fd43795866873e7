namespace Nixery.Building.Nix;

/// <summary>
/// The roots of what was realised lately, so that a garbage collection takes first what nobody has asked for in a long time. They go
/// with this process: what a next one realises is there already, and is then kept by it.
/// </summary>
internal sealed class KeptRoots(bool areKept)
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, HeldRoots Roots)> _all = [];
    private readonly Dictionary<string, LinkedListNode<(string Key, HeldRoots Roots)>> _byKey = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <param name="key">What they hold.</param>
    /// <param name="roots">Nobody needs them any more; those that were kept for the same are let go of.</param>
    public void LetGo(string key, HeldRoots roots)
    {
        if (!areKept)
        {
            roots.Release();
            return;
        }

        lock (_gate)
        {
            if (_byKey.Remove(key, out var old))
            {
                _all.Remove(old);
                old.Value.Roots.Release();
            }

            _byKey.Add(key, _all.AddFirst((key, roots)));
            ReleaseOldest(_all.Count - Most);
        }
    }

    /// <summary>Lets go of the half that was not asked for for longest; false when there was none left.</summary>
    public bool ReleaseHalf()
    {
        lock (_gate)
        {
            var half = (_all.Count + 1) / 2;
            ReleaseOldest(half);
            return half > 0;
        }
    }

    private void ReleaseOldest(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (key, roots) = _all.Last!.Value;
            roots.Release();
            _all.RemoveLast();
            _byKey.Remove(key);
        }
    }
}

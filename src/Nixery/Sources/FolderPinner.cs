using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Pins a folder by its content. It has no history, so <c>latest</c> is its only tag.</summary>
internal sealed class FolderPinner(string path, TimeProvider time) : ISourcePinner, IDisposable
{
    /// <summary>An edit is noticed after this time at the latest.</summary>
    private static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    private readonly string _path = Path.GetFullPath(path);
    private readonly FolderFingerprint _fingerprint = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private (DateTimeOffset At, PinnedSource.Folder Pin)? _last;

    public void Dispose() => _oneAtATime.Dispose();

    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        if (tag != Tag.Latest)
        {
            return new PinOutcome.UnknownTag($"the packages of this registry come from a folder, which has the tag 'latest' alone; '{tag}' is unknown");
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return Pin();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private PinOutcome Pin()
    {
        var now = time.GetUtcNow();
        if (_last is { } last && now - last.At < BelieveFor)
        {
            return new PinOutcome.Pinned(last.Pin);
        }

        if (!File.Exists(Path.Combine(_path, "default.nix")))
        {
            return new PinOutcome.Unavailable("the folder that this registry's packages come from has no default.nix");
        }

        var pin = new PinnedSource.Folder(_path, _fingerprint.Of(_path));
        _last = (now, pin);
        return new PinOutcome.Pinned(pin);
    }
}

using System.Text.RegularExpressions;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// Pins a folder by its content. It has no history: its tags are <c>latest</c>, and the fingerprint of a content for what was
/// made while it was the current one.
/// </summary>
internal sealed partial class FolderPinner(string path, TimeProvider time) : ISourcePinner, IDisposable
{
    /// <summary>An edit is noticed after this time at the latest.</summary>
    private static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    private readonly string _path = Path.GetFullPath(path);
    private readonly FolderFingerprint _fingerprint = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile LastLook? _last;
    private volatile PinFailure? _failure;

    public void Dispose() => _oneAtATime.Dispose();

    public Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken) => PinAsync(tag, Pin, cancellationToken);

    public Task<PinOutcome> PinAnewAsync(Tag tag, CancellationToken cancellationToken) => PinAsync(tag, () => Look(time.GetUtcNow()), cancellationToken);

    private async Task<PinOutcome> PinAsync(Tag tag, Func<PinOutcome> look, CancellationToken cancellationToken)
    {
        if (tag == Tag.Latest)
        {
            return await InTurnAsync(look, cancellationToken);
        }

        if (!Fingerprint().IsMatch(tag.Text))
        {
            return new PinOutcome.UnknownTag($"the packages of this registry come from a folder, which has the tag 'latest', and its fingerprint as a tag; '{tag}' is unknown");
        }

        var now = await InTurnAsync(look, cancellationToken);
        return now is PinOutcome.Pinned { Source.Revision: var current } && current == tag.Text
            ? now
            : new PinOutcome.Past(
                new PinnedSource.Folder(_path, tag.Text),
                "the folder that this registry's packages come from has changed since that fingerprint, and this image was not made before; ask for the tag 'latest'");
    }

    /// <summary>The last look.</summary>
    public IReadOnlyList<PinStatus> Status() => _last is { } last
        ? [new PinStatus(Tag.Latest.Text, last.Pin.Source.Revision, time.GetUtcNow() - last.At, _failure)]
        : _failure is null ? [] : [new PinStatus(Tag.Latest.Text, null, null, _failure)];

    private async Task<PinOutcome> InTurnAsync(Func<PinOutcome> look, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return look();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private PinOutcome Pin()
    {
        var now = time.GetUtcNow();
        return _last is { } last && now - last.At < BelieveFor ? last.Pin : Look(now);
    }

    private PinOutcome Look(DateTimeOffset now)
    {
        if (!File.Exists(Path.Combine(_path, "default.nix")))
        {
            _failure = new PinFailure("the folder that this registry's packages come from has no default.nix", now);
            return new PinOutcome.Unavailable(_failure.Explanation);
        }

        try
        {
            // A set that is replaced by pointing a link elsewhere is read where the link points now, to the end of the build.
            var folder = Directory.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path;
            var pin = new PinOutcome.Pinned(new PinnedSource.Folder(folder, _fingerprint.Of(folder)));
            _failure = null;
            _last = new LastLook(now, pin);
            return pin;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file went away while it was looked at, or the server's user may not read it: the status names it.
            _failure = new PinFailure(e.Message, now);
            return new PinOutcome.Unavailable("the folder that this registry's packages come from cannot be read in full; its status page says why");
        }
    }

    private sealed record LastLook(DateTimeOffset At, PinOutcome.Pinned Pin);

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Fingerprint();
}

namespace Nixery.Sources;

/// <summary>
/// Tells after an evaluation whether what was read is what was pinned: a folder may be edited in between, and what was read of it
/// then must not be remembered under its old fingerprint.
/// </summary>
internal sealed class SourceCheck
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FolderFingerprint> _fingerprints = new(StringComparer.Ordinal);

    public bool Holds(PinnedSource source)
    {
        lock (_gate)
        {
            return (source is not PinnedSource.Folder folder || IsStill(folder.Path, folder.Fingerprint))
                && source.Arguments.Overlays.All(o => IsStill(o.Path, o.Fingerprint));
        }
    }

    private bool IsStill(string path, string fingerprint)
    {
        if (!_fingerprints.TryGetValue(path, out var known))
        {
            _fingerprints.Add(path, known = new FolderFingerprint());
        }

        try
        {
            return known.OfFileOrFolder(path) == fingerprint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

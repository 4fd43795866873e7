using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// Adds to a pin what its set is called with. Overlays are looked at once a second at most, as a folder of packages is. One that
/// imports files beside it has to be given as its folder, for their content to count.
/// </summary>
internal sealed class ConfiguredPinner(ISourcePinner inner, string set, string policy, SourceOptions options, TimeProvider time) : ISourcePinner, IDisposable
{
    private static readonly TimeSpan BelieveFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, FolderFingerprint> _folders = options.Overlays.Distinct().ToDictionary(o => o, _ => new FolderFingerprint());
    private readonly PackageArguments _plain = new(set, options.Config, [], policy);
    private (DateTimeOffset At, PackageArguments Arguments)? _last;

    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken) =>
        WithArguments(await inner.PinAsync(tag, cancellationToken));

    public async Task<PinOutcome> PinAnewAsync(Tag tag, CancellationToken cancellationToken) =>
        WithArguments(await inner.PinAnewAsync(tag, cancellationToken));

    public void Dispose() => (inner as IDisposable)?.Dispose();

    private PinOutcome WithArguments(PinOutcome outcome)
    {
        if (outcome is not (PinOutcome.Pinned or PinOutcome.Past))
        {
            return outcome;
        }

        return FindArguments() is not { } arguments
            ? new PinOutcome.Unavailable($"an overlay of this registry's packages cannot be read; who runs it finds it in {_plain.Settings}:Overlays")
            : outcome switch
            {
                PinOutcome.Pinned pinned => new PinOutcome.Pinned(pinned.Source with { Arguments = arguments }),
                PinOutcome.Past past => past with { Source = past.Source with { Arguments = arguments } },
                _ => throw new System.Diagnostics.UnreachableException(),
            };
    }

    private PackageArguments? FindArguments()
    {
        if (options.Overlays.Count == 0)
        {
            return _plain;
        }

        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_last is not { } last || now - last.At >= BelieveFor)
            {
                try
                {
                    _last = last = (now, new PackageArguments(set, options.Config, [.. options.Overlays.Select(Freeze)], policy));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return null;
                }
            }

            return last.Arguments;
        }
    }

    private Overlay Freeze(string path) => new(path, _folders[path].OfFileOrFolder(path));
}

using System.Diagnostics.CodeAnalysis;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>The default set and the named ones; an image name that begins with the name of one is of that one.</summary>
internal sealed class PackageSets(PackageSet unnamed, IEnumerable<PackageSet> named) : IImageNames, ISourceStatus, IDisposable
{
    private readonly Dictionary<string, PackageSet> _named = named.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>Which set, and what is asked of it.</summary>
    public bool TrySelect(
        ImageName name,
        [NotNullWhen(true)] out PackageSet? set,
        [NotNullWhen(true)] out ImageName? packages,
        [NotNullWhen(false)] out string? problem)
    {
        (packages, problem) = _named.TryGetValue(name.Components[0], out set)
            ? (name.WithoutFirst(), null)
            : (name, (string?)null);
        problem = packages is null ? $"the image name names no package, only the package set '{name}'" : null;
        set ??= unnamed;
        return packages is not null;
    }

    /// <summary>Which set, and which image of it, in canonical form.</summary>
    public bool TryRead(
        ImageName name,
        [NotNullWhen(true)] out PackageSet? set,
        [NotNullWhen(true)] out ImageRequest? request,
        [NotNullWhen(false)] out string? problem)
    {
        request = null;
        return TrySelect(name, out set, out var packages, out problem) && ImageRequest.TryFrom(packages, out request, out problem);
    }

    public AskedImage? Find(ImageName name) =>
        TryRead(name, out var set, out var request, out _) ? new AskedImage(set.Name, request.Packages) : null;

    /// <param name="name">Empty for the default set.</param>
    public PackageSet? Find(string name) => name.Length == 0 ? unnamed : _named.GetValueOrDefault(name);

    public IReadOnlyList<SetStatus> Read() =>
    [
        .. _named.Values.OrderBy(s => s.Name, StringComparer.Ordinal).Prepend(unnamed)
            .Select(s => new SetStatus(s.Name.Length == 0 ? null : s.Name, s.Source, s.Status())),
    ];

    public async Task<IReadOnlyList<string>> LookAsync(Tag tag, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var set in _named.Values.OrderBy(s => s.Name, StringComparer.Ordinal).Prepend(unnamed))
        {
            if (await set.Pinner.PinAsync(tag, cancellationToken) is PinOutcome.Unavailable unavailable)
            {
                problems.Add($"{(set.Name.Length == 0 ? "" : $"{set.Name}: ")}{unavailable.Explanation}");
            }
        }

        return problems;
    }

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _named.Values.Prepend(unnamed).Select(s => s.Book?.RefreshAsync(cancellationToken) ?? Task.CompletedTask));

    public void Dispose()
    {
        foreach (var set in _named.Values.Prepend(unnamed))
        {
            (set.Pinner as IDisposable)?.Dispose();
            set.Tags.Dispose();
        }
    }
}

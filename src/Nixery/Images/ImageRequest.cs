using System.Diagnostics.CodeAnalysis;

namespace Nixery.Images;

/// <summary>
/// What the client asked for, in canonical form: meta packages expanded, names sorted and distinct. Two image names that
/// mean the same give equal <see cref="CanonicalName"/>s, and so the same image.
/// </summary>
public sealed class ImageRequest
{
    private ImageRequest(Platform platform, bool hasShell, IReadOnlyList<PackageName> packages)
    {
        Platform = platform;
        HasShell = hasShell;
        Packages = packages;

        var shell = MetaPackages.Presets[MetaPackages.Shell];
        var names = hasShell ? packages.Except(shell).Select(p => p.Text).Prepend(MetaPackages.Shell) : packages.Select(p => p.Text);
        CanonicalName = string.Join('/', names);
    }

    public Platform Platform { get; }

    /// <summary>Whether <c>shell</c> or a preset that contains it was asked for: a container then starts bash.</summary>
    public bool HasShell { get; }

    /// <summary>What was asked for, sorted and distinct, without what every image has.</summary>
    public IReadOnlyList<PackageName> Packages { get; }

    /// <summary>The presets that were asked for, in ordinal order.</summary>
    public IReadOnlyList<string> Presets { get; private init; } = [];

    /// <summary>The packages as an image name, without the platform: <c>shell/git/htop</c>.</summary>
    public string CanonicalName { get; }

    /// <summary>Reads an image name; <paramref name="problem"/> says in one sentence why it asks for no image.</summary>
    public static bool TryFrom(ImageName name, [NotNullWhen(true)] out ImageRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        var platforms = name.Components.Where(MetaPackages.Platforms.ContainsKey).Distinct().ToList();
        var packages = name.Components.Except(platforms).SelectMany(Expand).Distinct().Order().ToList();
        problem = (platforms.Count, packages.Count) switch
        {
            ( > 1, _) => $"the image name asks for {string.Join(" and ", platforms)} at once: choose one",
            (_, 0) => "the image name names no package, only what to run it on",
            _ => null,
        };
        if (problem is not null)
        {
            return false;
        }

        var platform = platforms.Count == 1 ? MetaPackages.Platforms[platforms[0]] : Platform.Amd64;
        var presets = MetaPackages.Presets.Keys.Where(name.Components.Contains).ToList();
        request = new ImageRequest(platform, presets.Count > 0, packages) { Presets = presets };
        return true;
    }

    private static IEnumerable<PackageName> Expand(string component) =>
        MetaPackages.Presets.TryGetValue(component, out var packages) ? packages : [PackageName.Parse(component)];
}

using Nixery.Sources;

namespace Nixery.Server.Access.Rules;

/// <summary>What one caller may have, as the rules that are for them add up.</summary>
/// <param name="Build">May be built, and pulled.</param>
/// <param name="Pull">May be pulled where it is stored.</param>
internal sealed record Rights(IReadOnlyList<NamePattern> Build, IReadOnlyList<NamePattern> Pull)
{
    public static Rights None { get; } = new([], []);

    public static Rights All { get; } = new([NamePattern.All], []);

    public bool AreAll => Build.Any(p => p.IsAll);

    public bool MayPullAll => AreAll || Pull.Any(p => p.IsAll);

    public bool AreNone => Build.Count == 0 && Pull.Count == 0;

    /// <param name="image">Null for a name that asks for none: of that there is nothing to keep from who may have all.</param>
    public bool MayBuild(AskedImage? image) => AreAll || (image is not null && Build.Any(p => p.Covers(image)));

    /// <inheritdoc cref="MayBuild"/>
    public bool MayPull(AskedImage? image) => MayPullAll || (image is not null && (MayBuild(image) || Pull.Any(p => p.Covers(image))));

    /// <summary>The same without building.</summary>
    public Rights ToPullOnly() => new([], [.. Build, .. Pull]);
}

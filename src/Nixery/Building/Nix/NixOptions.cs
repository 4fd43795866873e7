namespace Nixery.Building.Nix;

/// <summary>How Nix is used.</summary>
/// <param name="RootsPath">An existing folder for garbage-collector roots, of this process alone: what is left in it
/// by a process that was killed keeps its store paths until whoever owns the folder empties it.</param>
/// <param name="Timeout">The longest that one evaluation or one realisation may take.</param>
/// <param name="Environment">What Nix's environment has beyond ours, for instance <c>NIX_CONFIG</c>.</param>
public sealed record NixOptions(string RootsPath, TimeSpan Timeout, IReadOnlyDictionary<string, string> Environment)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(1);
}

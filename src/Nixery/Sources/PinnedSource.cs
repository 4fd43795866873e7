namespace Nixery.Sources;

/// <summary>
/// A package set, frozen: it gives the same packages whenever and wherever it is read.
/// </summary>
public abstract record PinnedSource
{
    private PinnedSource(string revision) => Revision = revision;

    /// <summary>
    /// What the set is frozen at: a commit, or the SHA-256 of a folder's content. Never a moving name. It is also the tag by which
    /// exactly this can be asked for again.
    /// </summary>
    public string Revision { get; }

    /// <summary>What the set is called with.</summary>
    public PackageArguments Arguments { get; init; } = PackageArguments.None;

    /// <summary>Identity of the pin among all kinds of sources and all sets, for cache keys.</summary>
    public string Key => Arguments.Equals(PackageArguments.None) ? Origin : $"{Origin} {Arguments.Key}";

    /// <summary>Identity of the content, without what it is called with.</summary>
    protected abstract string Origin { get; }

    /// <summary>A folder with a <c>default.nix</c>, at the content <paramref name="Fingerprint"/> (lower-case hex SHA-256).</summary>
    public sealed record Folder(string Path, string Fingerprint) : PinnedSource(Fingerprint)
    {
        protected override string Origin => $"folder:{Fingerprint}";
    }

    /// <summary>A tarball that is unpacked and evaluated, for instance nixpkgs at one commit.</summary>
    public sealed record Tarball(Uri Address, string Commit) : PinnedSource(Commit)
    {
        protected override string Origin => $"tarball:{Address}";
    }

    /// <summary>A git repository at one commit (40 hex). <paramref name="Repository"/> may hold credentials: never log it.</summary>
    public sealed record Git(string Repository, string Commit) : PinnedSource(Commit)
    {
        protected override string Origin => $"git:{Commit}";

        /// <summary>Without the repository's address, which may hold a password.</summary>
        public override string ToString() => $"git commit {Commit}";
    }
}

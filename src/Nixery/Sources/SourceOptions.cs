using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Where packages come from: exactly one of the first three. With none it is the channel nixos-unstable.</summary>
public sealed record SourceOptions
{
    public const string DefaultChannel = "nixos-unstable";

    /// <summary>In <see cref="AllowedTags"/>: any commit of nixpkgs.</summary>
    public const string AnyCommit = "commits";

    /// <summary>A nixpkgs channel such as <c>nixos-unstable</c>, or a commit of nixpkgs (40 hex digits).</summary>
    public string? Channel { get; init; }

    /// <summary>A git repository with a package set; may hold credentials: never log it.</summary>
    public string? Git { get; init; }

    /// <summary>A folder with a package set.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Which other channels (names, with <c>*</c> for anything) a tag may name besides the channel itself, and <see cref="AnyCommit"/>.
    /// </summary>
    public IReadOnlyList<string> AllowedTags { get; init; } = [];

    /// <summary>
    /// Packages that a new revision must have before <c>latest</c> moves to it from one that serves. Without any, two of every
    /// image's for a channel, and none for a repository.
    /// </summary>
    public IReadOnlyList<string> TryFirst { get; init; } = [];

    /// <summary>What nixpkgs is told to allow.</summary>
    public NixpkgsConfig Config { get; init; } = new();

    /// <summary>Overlays in their order: .nix files, or folders with a <c>default.nix</c>.</summary>
    public IReadOnlyList<string> Overlays { get; init; } = [];

    /// <summary>Below it each channel says its revision: <c>/&lt;channel&gt;/git-revision</c>.</summary>
    public Uri ChannelsAddress { get; init; } = new("https://channels.nixos.org/");

    /// <summary>Below it are the tarballs of nixpkgs by commit: <c>/&lt;commit&gt;.tar.gz</c>.</summary>
    public Uri TarballsAddress { get; init; } = new("https://github.com/NixOS/nixpkgs/archive/");

    /// <summary>How long the revision of a channel or branch is believed before it is looked up again.</summary>
    public TimeSpan PinFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a tag that the source does not have is refused without asking again.</summary>
    public TimeSpan UnknownFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that one look-up of a tag may take.</summary>
    public TimeSpan LookUpTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The folder of the histories of git repositories; several servers may share it.</summary>
    public string StatePath { get; init; } = "";

    /// <summary>What is tried of a new revision.</summary>
    public IReadOnlyList<PackageName> NamesToTry() =>
        [.. (TryFirst.Count > 0 || Git is not null ? TryFirst : ["bashinteractive", "coreutils"]).Select(PackageName.Parse)];

    /// <summary>What a further set has when it does not say otherwise: how to look up, but not what and not what is allowed.</summary>
    public SourceOptions ForNamedSet() =>
        this with { Channel = null, Git = null, Path = null, AllowedTags = [], TryFirst = [], Config = new(), Overlays = [] };

    /// <summary>One sentence that names all conflicts, or null.</summary>
    public string? FindConflict()
    {
        string?[] set = [Channel is null ? null : "NIXERY_CHANNEL", Git is null ? null : "NIXERY_PKGS_REPO", Path is null ? null : "NIXERY_PKGS_PATH"];
        var named = set.Where(s => s is not null).ToList();
        return named.Count > 1 ? $"set only one package source; these are set: {string.Join(", ", named)}" : null;
    }
}

/// <summary>The <c>config</c> of nixpkgs, as far as a registry has use for it.</summary>
public sealed record NixpkgsConfig
{
    public bool AllowUnfree { get; init; }

    /// <summary>Unfree packages that are allowed, by their <c>pname</c>.</summary>
    public IReadOnlyList<string> AllowUnfreePackages { get; init; } = [];

    /// <summary>Insecure packages that are allowed, by name and version as nixpkgs writes them: <c>openssl-1.1.1w</c>.</summary>
    public IReadOnlyList<string> PermittedInsecurePackages { get; init; } = [];
}

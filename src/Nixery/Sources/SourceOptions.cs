namespace Nixery.Sources;

/// <summary>Where packages come from: exactly one of the first three. With none it is the channel nixos-unstable.</summary>
public sealed record SourceOptions
{
    public const string DefaultChannel = "nixos-unstable";

    /// <summary>A nixpkgs channel such as <c>nixos-unstable</c>, or a commit of nixpkgs (40 hex digits).</summary>
    public string? Channel { get; init; }

    /// <summary>A git repository with a package set; may hold credentials: never log it.</summary>
    public string? Git { get; init; }

    /// <summary>A folder with a package set.</summary>
    public string? Path { get; init; }

    /// <summary>Below it each channel says its revision: <c>/&lt;channel&gt;/git-revision</c>.</summary>
    public Uri ChannelsAddress { get; init; } = new("https://channels.nixos.org/");

    /// <summary>Below it are the tarballs of nixpkgs by commit: <c>/&lt;commit&gt;.tar.gz</c>.</summary>
    public Uri TarballsAddress { get; init; } = new("https://github.com/NixOS/nixpkgs/archive/");

    /// <summary>How long the revision of a channel or branch is believed before it is looked up again.</summary>
    public TimeSpan PinFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>One sentence that names all conflicts, or null.</summary>
    public string? FindConflict()
    {
        string?[] set = [Channel is null ? null : "NIXERY_CHANNEL", Git is null ? null : "NIXERY_PKGS_REPO", Path is null ? null : "NIXERY_PKGS_PATH"];
        var named = set.Where(s => s is not null).ToList();
        return named.Count > 1 ? $"set only one package source; these are set: {string.Join(", ", named)}" : null;
    }
}

namespace Nixery.Images;

/// <summary>
/// What an image runs on, in the words of OCI (<c>linux/amd64</c>) and of Nix (<c>x86_64-linux</c>).
/// </summary>
public sealed record Platform
{
    public static readonly Platform Amd64 = new("amd64", "x86_64-linux");
    public static readonly Platform Arm64 = new("arm64", "aarch64-linux");

    private Platform(string architecture, string nixSystem)
    {
        Architecture = architecture;
        NixSystem = nixSystem;
    }

    /// <summary>The <c>architecture</c> of an image config.</summary>
    public string Architecture { get; }

    /// <summary>Nix's name of it: the <c>system</c> that a package set is asked for.</summary>
    public string NixSystem { get; }

    public override string ToString() => $"linux/{Architecture}";
}

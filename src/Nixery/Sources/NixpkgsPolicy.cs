namespace Nixery.Sources;

/// <summary>
/// What nixpkgs reads from the environment to decide which packages may be had, as one word for keys: an image that one server may make
/// must not be answered by another one that may not, though they share their storage.
/// https://nixos.org/manual/nixpkgs/stable/#chap-packageconfig
/// </summary>
internal static class NixpkgsPolicy
{
    private static readonly string[] Variables =
    [
        "NIXPKGS_ALLOW_UNFREE", "NIXPKGS_ALLOW_INSECURE", "NIXPKGS_ALLOW_BROKEN", "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM", "NIXPKGS_ALLOW_NONSOURCE",
    ];

    /// <param name="read">Reads a variable as Nix will see it.</param>
    public static string Read(Func<string, string?> read) =>
        string.Join(' ', Variables.Where(v => read(v) is { Length: > 0 }).Select(v => $"{v}={read(v)}"));
}

using System.Text.RegularExpressions;

namespace Nixery.Building.Nix;

/// <summary>Knows from Nix's error output when it is the machine that is at fault, not a package and not a package set.</summary>
internal static partial class NixTrouble
{
    public const string NotInstalled = "Nix is not installed on this server, or cannot be started";

    /// <summary>An exit code above it says that a signal ended the program: a person, or a machine without memory.</summary>
    public const int EndedBySignal = 128;

    public const string EndedFromOutside = "Nix was ended from outside on this server, perhaps for want of memory";

    /// <summary>Whether something could not be fetched: a fault of the network, or of whoever is asked, and not of a package.</summary>
    public static bool IsOfTheNetwork(string errorTail) => Network().IsMatch(errorTail);

    /// <summary>One sentence, or null when the machine is not at fault.</summary>
    public static string? Of(string errorTail)
    {
        if (DiskFull().IsMatch(errorTail))
        {
            return "the disk of this server is full";
        }

        var error = NixText.LastError(errorTail);
        if (NoRights().IsMatch(error))
        {
            return "Nix on this server may not write its store: the server's user lacks the rights, or the store is read-only";
        }

        if (NoBuildUsers().IsMatch(error))
        {
            return "Nix on this server cannot build: it runs as root and has no build users (in NIX_CONFIG, 'build-users-group =' does without)";
        }

        return NoDaemon().IsMatch(error) ? "the Nix daemon of this server cannot be reached" : null;
    }

    // Nix's own downloads, and what a fetcher's curl prints: could not resolve, connect, or go on.
    [GeneratedRegex(@"unable to download|curl: \((5|6|7|28|35|52|56)\)|[Cc]ould ?n[o']t (resolve|connect)|Could not resolve host|Temporary failure in name resolution")]
    private static partial Regex Network();

    // SQLite says it at the end of a statement of many lines, so the whole output is searched.
    [GeneratedRegex("No space left on device|database or disk is full")]
    private static partial Regex DiskFull();

    [GeneratedRegex(
        @"/nix/(store|var)\b.*(Permission denied|Read-only file system|Operation not permitted|not writable|readonly database)"
        + @"|^cannot open SQLite database|^remounting .* writable")]
    private static partial Regex NoRights();

    [GeneratedRegex("^the group '[^']*' specified in 'build-users-group' does not exist|^the build users group '[^']*' has no members")]
    private static partial Regex NoBuildUsers();

    [GeneratedRegex("daemon-socket|cannot connect to (the )?(daemon|socket)", RegexOptions.IgnoreCase)]
    private static partial Regex NoDaemon();
}

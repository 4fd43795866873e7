using System.Globalization;
using Nixery.Building.Nix;

namespace Nixery.Server.Configuring;

/// <summary>
/// The environment variables of the original Nixery, as the settings that they became. Accepted for ever. A setting under
/// its own name wins over them.
/// </summary>
internal static class HistoricSettings
{
    private static readonly (string Variable, string Setting)[] Table =
    [
        ("PORT", "Nixery:Http:Port"),
        ("NIXERY_CHANNEL", "Nixery:Source:Channel"),
        ("NIXERY_PKGS_REPO", "Nixery:Source:Git"),
        ("NIXERY_PKGS_PATH", "Nixery:Source:Path"),
        ("NIXERY_STORAGE_BACKEND", "Nixery:Storage:Kind"),
        ("STORAGE_PATH", "Nixery:Storage:Path"),
        ("S3_BUCKET", "Nixery:Storage:S3:Bucket"),
        ("AWS_REGION", "Nixery:Storage:S3:Region"),
        ("GCS_BUCKET", "Nixery:Storage:Gcs:Bucket"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "Nixery:Storage:Gcs:CredentialsFile"),
        ("NIX_POPULARITY_URL", "Nixery:Layers:Table"),
        ("NIX_TIMEOUT", "Nixery:Nix:Timeout"),
    ];

    /// <summary>Nobody else's variables that begin so are as near as <see cref="MostErrors"/> to one of these.</summary>
    private static readonly string[] Prefixes = ["NIX_", "NIXERY_", "GCS_"];

    private const int MostErrors = 2;

    /// <param name="read">Reads one variable of the environment; an empty one counts as not set.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Read(Func<string, string?> read)
    {
        foreach (var (variable, setting) in Table)
        {
            if (read(variable) is { Length: > 0 } value)
            {
                yield return new(setting, variable == "NIX_TIMEOUT" ? SecondsAsTime(value) : value);
            }
        }
    }

    /// <summary>The variable that is a setting's other name, or null.</summary>
    public static string? VariableOf(string setting) =>
        Table.FirstOrDefault(t => t.Setting.Equals(setting, StringComparison.OrdinalIgnoreCase)).Variable;

    /// <summary>
    /// Variables that are nearly one of these. Those of our own names are refused where they are not known; these cannot be, since Nix and
    /// others have theirs beside them.
    /// </summary>
    /// <param name="variables">The names in the environment.</param>
    public static IEnumerable<(string Written, string Meant)> FindSlips(IEnumerable<string> variables) =>
        from written in variables.Except(Table.Select(t => t.Variable)).Order(StringComparer.Ordinal)
        from meant in Table.Select(t => t.Variable)
        where Prefixes.Any(p => meant.StartsWith(p, StringComparison.Ordinal) && written.StartsWith(p, StringComparison.OrdinalIgnoreCase))
            && TypingErrors.Between(written.ToUpperInvariant(), meant, MostErrors) <= MostErrors
        select (written, meant);

    /// <summary>NIX_TIMEOUT is a number of seconds; what is no number is left as it is, for the validation to name.</summary>
    private static string SecondsAsTime(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)
            : value;
}

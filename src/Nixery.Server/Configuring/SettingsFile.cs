using System.Text.Json;

namespace Nixery.Server.Configuring;

/// <summary>
/// A file of settings, JSON as ASP.NET reads it: <c>{ "Nixery": { "Http": { "Port": 80 } } }</c>, comments and a last comma allowed.
/// Read at start, and again when it has changed.
/// </summary>
/// <param name="path">Null where there is none.</param>
internal sealed class SettingsFile(string? path) : ConfigurationProvider, IConfigurationSource
{
    /// <summary>Names the file; also the name of the setting that <c>--config</c> gives.</summary>
    public const string Variable = "NIXERY_CONFIG";

    /// <summary>Read where no file is named, if it is there.</summary>
    public const string UsualPlace = "/etc/nixery/nixery.json";

    /// <summary>What may stand at the top: our settings, and those that ASP.NET has for where to listen.</summary>
    private static readonly string[] Tops = ["Nixery", "Kestrel", "urls", "$schema"];

    public string? Path { get; } = path;

    /// <summary>What is wrong with the file as it was read last; it then gives no settings.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    public static SettingsFile Find(IConfiguration given) =>
        new(given[Variable] is { Length: > 0 } named ? System.IO.Path.GetFullPath(named) : File.Exists(UsualPlace) ? UsualPlace : null);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load() => (Data, Problems) = Path is null ? ([], []) : Read(Path);

    /// <summary>Reads it once more.</summary>
    /// <returns>Takes that back.</returns>
    public Action LoadAnew()
    {
        var (data, problems) = (Data, Problems);
        Load();
        return () => (Data, Problems) = (data, problems);
    }

    private static (Dictionary<string, string?> Settings, IReadOnlyList<string> Problems) Read(string path)
    {
        try
        {
            using var stream = new MemoryStream(SmallFile.ReadBytes(path));
            var read = new ConfigurationBuilder().AddJsonStream(stream).Build();
            var unknown = read.GetChildren().Select(c => c.Key).Except(Tops, StringComparer.OrdinalIgnoreCase).ToList();
            return unknown.Count == 0
                // A value of null is no value: what is not said otherwise stays as it is.
                ? (read.AsEnumerable().Where(s => s.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase), [])
                : ([], [.. unknown.Select(u => $"{path} has '{u}' at its top; settings are below \"Nixery\", as {{ \"Nixery\": {{ \"Http\": {{ \"Port\": 80 }} }} }}")]);
        }
        catch (JsonException e)
        {
            return ([], [$"{path} is no JSON, at line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}: {Shorten(e.Message)}"]);
        }
        catch (FormatException e)
        {
            return ([], [$"{path} cannot be read as settings: {e.Message}"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], [$"{path} ({Variable}) cannot be read: {e.Message}"]);
        }
    }

    /// <summary>The place is said already, and in lines counted from 0 there.</summary>
    private static string Shorten(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}

using System.Text.RegularExpressions;
using Nixery.Packing;

namespace Nixery.Server.Configuring;

/// <summary>
/// The names that settings can have, read off the options types: <c>Nixery:Http:Port</c>; in lists <c>N</c> stands for a number, in
/// dictionaries <c>NAME</c> for a name.
/// </summary>
internal static partial class SettingNames
{
    public static IEnumerable<string> All { get; } = [.. Below("Nixery", typeof(Settings))];

    /// <summary>A name that nobody reads is a slip of the pen that would go unnoticed.</summary>
    public static IEnumerable<string> FindUnknown(IConfigurationSection nixery) => FindUnknown(nixery, typeof(Settings));

    /// <param name="name">With numbers and names where lists and dictionaries have them.</param>
    public static bool IsKnown(string name)
    {
        Type? type = typeof(Settings);
        foreach (var part in name.Split(':').Skip(1))
        {
            type = type is null || IsLeaf(type) ? null : TypeOf(type, part);
        }

        return type is not null && IsLeaf(type);
    }

    private static IEnumerable<string> FindUnknown(IConfigurationSection section, Type type)
    {
        var children = section.GetChildren().ToList();
        if (IsLeaf(type))
        {
            return children.Select(Unknown);
        }

        return children.Count == 0 && !string.IsNullOrEmpty(section.Value) ? [NotOneValue(section)]
            : children.SelectMany(child => TypeOf(type, child.Key) is { } inner ? FindUnknown(child, inner) : [Unknown(child)]);
    }

    private static IEnumerable<string> Below(string name, Type type) => IsLeaf(type) ? [name]
        : IsRoom(type) ? type.GetProperties().Where(p => !p.GetMethod!.IsStatic).SelectMany(p => Below($"{name}:{p.Name}", p.PropertyType))
        : Below($"{name}:{(IsDictionary(type) ? "NAME" : "N")}", type.GetGenericArguments()[^1]);

    private static Type? TypeOf(Type type, string key) => IsRoom(type)
        ? type.GetProperties().FirstOrDefault(p => p.Name.Equals(key, StringComparison.OrdinalIgnoreCase))?.PropertyType
        : type.GetGenericArguments()[^1];

    /// <summary>Whether it is a record of settings, each with a name of its own.</summary>
    public static bool IsRoom(Type type) => type.IsClass && type.Namespace!.StartsWith(nameof(Nixery), StringComparison.Ordinal);

    private static bool IsDictionary(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static bool IsLeaf(Type type) => !IsRoom(type) && !IsDictionary(type)
        && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>));

    private static string NotOneValue(IConfigurationSection section) =>
        $"{section.Path} has several values, each with a name of its own, as {section.Path}:0 in a list; docs/configuration.md lists all";

    private static string Unknown(IConfigurationSection section) => $"{section.Path} is no setting; docs/configuration.md lists all";

    /// <summary>
    /// The configuration's own sentence, as <c>Failed to convert configuration value 'abc' at 'Nixery:Http:Port' to type
    /// 'System.Int32'.</c>, in words that say what would be right.
    /// </summary>
    public static string Explain(string sentence)
    {
        var match = Conversion().Match(sentence);
        if (!match.Success)
        {
            return sentence;
        }

        var setting = match.Groups["setting"].Value;
        var variable = HistoricSettings.VariableOf(setting) is { } name ? $" ({name})" : "";
        return $"{setting}{variable} is '{Secrets.Hide(setting, match.Groups["value"].Value)}'; it is {KindOf(match.Groups["type"].Value)}";
    }

    /// <summary>Settings that are a word of several, as the docs write them.</summary>
    private static readonly Type[] Choices =
        [typeof(Serilog.Events.LogEventLevel), typeof(LogFormat), typeof(Layers.PlannerKind), typeof(Tls.PlainListening), typeof(Sight.TelemetryProtocol), typeof(PackingEncoder)];

    /// <summary>The same, in lower case.</summary>
    private static readonly Type[] LowerChoices = [typeof(StorageKind), typeof(RedirectMode), typeof(Access.AnonymousMay)];

    private static string KindOf(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Decimal" => "a number",
        "System.TimeSpan" => "a time, as 00:10:00 for ten minutes",
        "System.Boolean" => "true or false",
        "System.Uri" => "an address, as https://example.com/",
        _ when Choices.FirstOrDefault(c => type.Contains(c.FullName!, StringComparison.Ordinal)) is { } choice => $"one of {string.Join(", ", Enum.GetNames(choice))}",
        _ when LowerChoices.FirstOrDefault(c => type.Contains(c.FullName!, StringComparison.Ordinal)) is { } choice =>
            $"one of {string.Join(", ", Enum.GetNames(choice).Select(n => n.ToLowerInvariant()))}",
        _ => $"of the kind {type}",
    };

    [GeneratedRegex("value '(?<value>.*)' at '(?<setting>[^']*)' to type '(?<type>[^']*)'", RegexOptions.Singleline)]
    private static partial Regex Conversion();
}

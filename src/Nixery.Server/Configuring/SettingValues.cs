using System.Collections;
using System.Globalization;

namespace Nixery.Server.Configuring;

/// <summary>The settings in force, each by its whole name: what <see cref="SettingNames"/> reads off the types, with values.</summary>
internal static class SettingValues
{
    /// <summary>A value is null where there is none: an option that is not set, a list that is empty.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Of(Settings settings) => Below("Nixery", settings);

    private static IEnumerable<KeyValuePair<string, string?>> Below(string name, object? value) => value switch
    {
        null or "" => [new(name, null)],
        string text => [new(name, text)],
        IDictionary dictionary => Entries(name, dictionary.Keys.Cast<object>().OrderBy(Text, StringComparer.Ordinal).Select(k => (Text(k), dictionary[k]))),
        IEnumerable list => Entries(name, list.Cast<object?>().Select((entry, i) => (Text(i), entry))),
        _ when SettingNames.IsRoom(value.GetType()) =>
            value.GetType().GetProperties().Where(p => !p.GetMethod!.IsStatic).SelectMany(p => Below($"{name}:{p.Name}", p.GetValue(value))),
        _ => [new(name, Text(value))],
    };

    private static List<KeyValuePair<string, string?>> Entries(string name, IEnumerable<(string Key, object? Value)> entries)
    {
        var all = entries.SelectMany(e => Below($"{name}:{e.Key}", e.Value)).ToList();
        return all.Count > 0 ? all : [new(name, null)];
    }

    private static string Text(object value) => value switch
    {
        bool yes => yes ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

using System.CommandLine;
using Nixery.Server.Configuring;

namespace Nixery.Server.Commands;

/// <summary><c>--set NAME=VALUE</c> and <c>--config FILE</c>, of all verbs.</summary>
internal static class SettingOption
{
    public static readonly Option<string[]> Set = Create();

    public static readonly Option<string> File = new("--config")
    {
        Description = $"A JSON file of settings ({SettingsFile.Variable}; {SettingsFile.UsualPlace} if it is there).",
        HelpName = "FILE",
    };

    public static IEnumerable<KeyValuePair<string, string?>> Read(ParseResult parsed)
    {
        var set = (parsed.GetValue(Set) ?? []).Select(s => s.Split('=', 2)).Select(s => KeyValuePair.Create(s[0], (string?)s[1]));
        return parsed.GetValue(File) is { } file ? set.Append(new(SettingsFile.Variable, file)) : set;
    }

    private static Option<string[]> Create()
    {
        var option = new Option<string[]>("--set")
        {
            Description = "A setting for this run, as Nixery:Layers:Budget=60; may be given several times. docs/configuration.md lists all.",
            HelpName = "NAME=VALUE",
        };
        option.Validators.Add(result =>
        {
            foreach (var wrong in result.Tokens.Where(t => !t.Value.Contains('=', StringComparison.Ordinal)))
            {
                result.AddError($"--set takes NAME=VALUE, not '{wrong.Value}'");
            }

            foreach (var other in result.Tokens.Where(t => t.Value.Contains('=', StringComparison.Ordinal) && !t.Value.StartsWith("Nixery:", StringComparison.OrdinalIgnoreCase)))
            {
                result.AddError($"'{other.Value}' is no setting of nixery; their names begin with Nixery:");
            }
        });
        return option;
    }
}

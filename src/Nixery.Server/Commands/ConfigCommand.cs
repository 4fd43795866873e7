using System.CommandLine;
using System.Text.Json;
using Nixery.Server.Configuring;

namespace Nixery.Server.Commands;

/// <summary><c>nixery config</c>: prints the settings in force, and who says so.</summary>
internal static class ConfigCommand
{
    private const string Default = "default";

    /// <summary>What Nix, git and .NET read beside the settings. Only what is set is printed.</summary>
    private static readonly string[] Variables =
    [
        "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NIX_CONFIG", "NIX_PATH", "NIX_REMOTE",
        "NIX_SSL_CERT_FILE", "SSL_CERT_FILE", "NIXPKGS_ALLOW_UNFREE", "NIXPKGS_ALLOW_INSECURE", "NIXPKGS_ALLOW_BROKEN", "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    ];

    /// <summary>What <see cref="Sources.SourceOptions.ForNamedSet"/> leaves as it is.</summary>
    private static readonly string[] SharedBySets = ["ChannelsAddress", "TarballsAddress", "PinFor", "UnknownFor", "LookUpTimeout", "StatePath"];

    private static readonly Option<bool> AsJson = new("--json") { Description = "Print JSON." };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Print nothing but what is wrong; the exit code is 0 when the server would start with these settings, else 2.",
    };

    public static Command Create()
    {
        var command = new Command("config", "Show the settings in force and where each is from: file, environment, command line or default. Secrets are left out.")
        {
            AsJson, Check, SettingOption.Set, SettingOption.File,
        };
        command.SetAction((parsed, _) => Starting.RunAsync(parsed, () => ShowAsync(parsed)));
        return command;
    }

    private static async Task<int> ShowAsync(ParseResult parsed)
    {
        var sources = RegistryHost.ReadSources(SettingOption.Read(parsed));
        var (values, problems) = sources.Look();
        if (!parsed.GetValue(Check))
        {
            var report = ReportOf(sources, values);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                parsed.GetValue(AsJson) ? JsonSerializer.Serialize(report, ReportJson.Plain.ConfigReport) : Table(report));
        }

        return problems.Count == 0 ? 0 : await Starting.RefuseAsync(parsed, problems);
    }

    private static ConfigReport ReportOf(SettingSources sources, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var values = settings
            .Select(s => new ConfigLine(s.Key, Secrets.Hide(s.Key, s.Value), OriginOf(sources, s.Key)));
        var aspNet = sources.OfAspNet().Select(s => new ConfigLine(s.Key, Secrets.Hide(s.Key, s.Value), sources.OriginOf(s.Key)!));
        var variables = Variables.Select(v => (Name: v, Value: Environment.GetEnvironmentVariable(v))).Where(v => !string.IsNullOrEmpty(v.Value))
            .Select(v => new ConfigLine(v.Name, Secrets.Hide(v.Name, v.Value), "environment"));
        return new ConfigReport(sources.File, [.. values, .. aspNet], [.. variables]);
    }

    /// <summary>A named set has from the default one what it does not say otherwise.</summary>
    private static string OriginOf(SettingSources sources, string name) => sources.OriginOf(name)
        ?? (name.Split(':') is ["Nixery", "Sets", _, var shared] && SharedBySets.Contains(shared) ? sources.OriginOf($"Nixery:Source:{shared}") : null)
        ?? Default;

    private static string Table(ConfigReport report)
    {
        var lines = report.Settings.Concat(report.Variables).ToList();
        var (names, values) = (lines.Max(l => l.Name.Length), Math.Min(60, lines.Max(l => Shown(l).Length)));
        return string.Join(
            '\n',
            [
                $"settings file: {report.File ?? "none"}",
                "",
                .. lines.Select(l => $"{l.Name.PadRight(names)}  {Shown(l).PadRight(values)}  {l.From}"),
            ]);
    }

    private static string Shown(ConfigLine line) => line.Value?.ReplaceLineEndings("\\n") ?? "-";
}

/// <summary>What <c>nixery config --json</c> prints.</summary>
/// <param name="File">The settings file; null where none is read.</param>
/// <param name="Settings">All settings of ours, then those of ASP.NET that are set.</param>
/// <param name="Variables">What else counts of the environment, as far as it is set.</param>
internal sealed record ConfigReport(string? File, IReadOnlyList<ConfigLine> Settings, IReadOnlyList<ConfigLine> Variables);

/// <param name="Value">Null where there is none; without secrets.</param>
/// <param name="From">A file's path, a variable's name, "command line" or "default".</param>
internal sealed record ConfigLine(string Name, string? Value, string From);

using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Options;

namespace Nixery.Server.Configuring;

/// <summary>
/// Where settings come from, the first wins: the command line, the environment by a setting's own name, Nixery's variable for it, the
/// settings file, <c>appsettings.json</c> as ASP.NET reads it, the default.
/// </summary>
internal sealed class SettingSources
{
    private static readonly string[] AspNets = ["urls", "Kestrel"];

    private static readonly string[] AspNetPrefixes = ["ASPNETCORE_", "DOTNET_"];

    private readonly ConfigurationManager _configuration;
    private readonly SettingsFile _file;

    private SettingSources(ConfigurationManager configuration, SettingsFile file)
    {
        _configuration = configuration;
        _file = file;
    }

    /// <summary>The settings file; null where there is none.</summary>
    public string? File => _file.Path;

    /// <summary>Puts them in order.</summary>
    /// <param name="commandLine">Win over all others.</param>
    public static SettingSources In(ConfigurationManager configuration, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        sources.Add(new GivenSettings(commandLine, _ => "command line"));
        var file = SettingsFile.Find(configuration);
        var environment = sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault(s => string.IsNullOrEmpty(s.Prefix));
        var place = environment is null ? 0 : sources.IndexOf(environment);
        sources.Insert(place, new GivenSettings(HistoricSettings.Read(Environment.GetEnvironmentVariable), s => HistoricSettings.VariableOf(s)!));
        sources.Insert(place, file);
        return new SettingSources(configuration, file);
    }

    /// <exception cref="OptionsValidationException">Names every problem at once.</exception>
    public Settings Read() => Settings.From(_configuration, _file.Problems);

    /// <summary>For who looks at them and does nothing by them.</summary>
    /// <returns>Each setting as far as it can be read, where it cannot as it is given, and all that is wrong.</returns>
    public (IReadOnlyDictionary<string, string?> Values, IReadOnlyList<string> Problems) Look()
    {
        var (settings, problems) = Settings.Read(_configuration);
        var values = SettingValues.Of(settings).ToDictionary(StringComparer.OrdinalIgnoreCase);
        IReadOnlyList<string> all = [.. _file.Problems, .. problems];
        if (all.Count > 0)
        {
            // One wrong value keeps those beside it from being read.
            foreach (var (name, value) in _configuration.GetSection("Nixery").AsEnumerable().Where(s => s.Value is not null))
            {
                // A name that is none may be that of a secret, misspelt.
                values[name] = SettingNames.IsKnown(name) ? value : Secrets.Mask;
            }
        }

        return (values, all);
    }

    /// <summary>Reads the file once more; where it is no good, all stays as it was.</summary>
    /// <exception cref="OptionsValidationException">Names every problem at once.</exception>
    public Settings ReadAnew()
    {
        var takeBack = _file.LoadAnew();
        try
        {
            return Read();
        }
        catch (OptionsValidationException)
        {
            takeBack();
            throw;
        }
    }

    /// <summary>What is set of ASP.NET's own settings for where to listen.</summary>
    public IEnumerable<KeyValuePair<string, string?>> OfAspNet() =>
        AspNets.SelectMany(n => _configuration.GetSection(n).AsEnumerable()).Where(s => s.Value is not null).OrderBy(s => s.Key, StringComparer.Ordinal);

    /// <summary>Who says what a setting is; null where nobody does, and it is the default.</summary>
    public string? OriginOf(string setting) => ((IConfigurationRoot)_configuration).Providers.Reverse()
        .Where(p => p.TryGet(setting, out _))
        .Select(p => p switch
        {
            GivenSettings given => given.OriginOf(setting),
            SettingsFile file => file.Path!,
            EnvironmentVariablesConfigurationProvider => VariableOf(setting),
            JsonConfigurationProvider { Source.Path: { } path } => path,
            _ => p.ToString()!,
        })
        .FirstOrDefault();

    /// <summary>As it is written in the environment; ASP.NET's own may have a prefix there.</summary>
    private static string VariableOf(string setting) => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Order(StringComparer.Ordinal)
        .FirstOrDefault(v => Names(v).Contains(setting, StringComparer.OrdinalIgnoreCase)) ?? "environment";

    private static IEnumerable<string> Names(string variable)
    {
        var name = variable.Replace("__", ":", StringComparison.Ordinal);
        return [name, .. AspNetPrefixes.Where(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)).Select(p => name[p.Length..])];
    }
}

using Microsoft.Extensions.Options;
using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Layers;
using Nixery.Packing;
using Nixery.Pulls;
using Nixery.Server.Access;
using Nixery.Server.Limits;
using Nixery.Server.Sight;
using Nixery.Server.Staying;
using Nixery.Server.Tls;
using Nixery.Sources;
using Nixery.Tables;

namespace Nixery.Server.Configuring;

/// <summary>All settings, one record a room, read once at start.</summary>
internal sealed record Settings(
    HttpOptions Http,
    AccessOptions Access,
    LogOptions Log,
    SourceOptions Source,
    IReadOnlyDictionary<string, SourceOptions> Sets,
    StorageSettings Storage,
    NixOptions Nix,
    LayerOptions Layers,
    PackingOptions Packing,
    PullOptions Pulls,
    TlsOptions Tls,
    LimitOptions Limits,
    PolicyOptions Policy,
    HeadroomOptions Headroom,
    HealthOptions Health,
    DrainOptions Drain,
    TelemetryOptions Telemetry)
{
    /// <summary>A bare number means days: who writes 60 means seconds.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(7);

    /// <summary>A bare 5 is five days, and nobody means that.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);

    /// <exception cref="OptionsValidationException">Names every problem at once.</exception>
    public static Settings From(IConfiguration configuration) => From(configuration, []);

    /// <param name="others">Problems that are known already.</param>
    /// <exception cref="OptionsValidationException">Names every problem at once.</exception>
    public static Settings From(IConfiguration configuration, IEnumerable<string> others)
    {
        var (settings, problems) = Read(configuration);
        return others.Concat(problems).ToList() is { Count: > 0 } all ? throw new OptionsValidationException(nameof(Settings), typeof(Settings), all) : settings;
    }

    /// <returns>What can be read, and all that is wrong with it; nothing may be done by settings that have a problem.</returns>
    public static (Settings Settings, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var dataFolder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nixery");
        var source = Bind(new SourceOptions { StatePath = Path.Combine(dataFolder, "git") }, "Source");
        var settings = new Settings(
            Bind(new HttpOptions(), "Http"),
            Bind(new AccessOptions(), "Access"),
            Bind(new LogOptions(), "Log"),
            source,
            configuration.GetSection("Nixery:Sets").GetChildren()
                .ToDictionary(s => s.Key, s => Bind(source.ForNamedSet(), $"Sets:{s.Key}"), StringComparer.Ordinal),
            Bind(new StorageSettings { Path = Path.Combine(dataFolder, "storage") }, "Storage"),
            Bind(new NixOptions { RootsPath = Path.Combine(dataFolder, "gcroots") }, "Nix"),
            Bind(new LayerOptions(), "Layers"),
            Bind(new PackingOptions(), "Packing"),
            Bind(new PullOptions(), "Pulls"),
            Bind(new TlsOptions(), "Tls"),
            Bind(new LimitOptions(), "Limits"),
            Bind(new PolicyOptions(), "Policy"),
            Bind(new HeadroomOptions(), "Headroom"),
            Bind(new HealthOptions(), "Health"),
            Bind(new DrainOptions(), "Drain"),
            Bind(new TelemetryOptions(), "Telemetry"));
        problems.AddRange(settings.Problems());
        problems.AddRange(TlsProblems.Of(settings.Tls, settings.Http, configuration));
        problems.AddRange(LimitProblems.Of(settings.Limits, settings.Policy));
        problems.AddRange(SettingNames.FindUnknown(configuration.GetSection("Nixery")));
        return (settings, problems);

        T Bind<T>(T options, string room)
            where T : class
        {
            try
            {
                configuration.GetSection("Nixery").GetSection(room).Bind(options);
            }
            catch (InvalidOperationException e)
            {
                problems.Add(SettingNames.Explain(e.Message));
            }

            return options;
        }
    }

    private IEnumerable<string> Problems()
    {
        if (Http.Port is < 0 or > 65535)
        {
            yield return $"Nixery:Http:Port (PORT) is {Http.Port}; a port is 0 to 65535";
        }

        foreach (var problem in Http.AllowOrigins.Select(HttpOptions.ProblemOf).OfType<string>())
        {
            yield return problem;
        }

        foreach (var problem in AccessProblems.Of(Access, [.. Sets.Keys]))
        {
            yield return problem;
        }

        foreach (var problem in SourceProblems.Of(Source, Sets))
        {
            yield return problem;
        }

        foreach (var problem in Storage.Problems())
        {
            yield return problem;
        }

        if (Nix.RootsPath.Length == 0)
        {
            yield return "Nixery:Nix:RootsPath is a folder, and may not be empty";
        }

        if (Layers.Budget is < 1 or > LayerOptions.LargestBudget)
        {
            yield return $"Nixery:Layers:Budget is {Layers.Budget}; an image has 1 to {LayerOptions.LargestBudget} layers besides its root layer";
        }

        if (Layers.SmallestLayerBytes < 0 || Layers.WastePerLayerBytes < 0)
        {
            yield return "Nixery:Layers:SmallestLayerBytes and Nixery:Layers:WastePerLayerBytes are numbers of bytes, 0 or more";
        }

        if (Layers.Table.Contains("://", StringComparison.Ordinal) && !TableReader.IsAddress(Layers.Table))
        {
            yield return "Nixery:Layers:Table (NIX_POPULARITY_URL) is a path, or an address that begins with http:// or https://";
        }

        if (Nix.Timeout <= TimeSpan.Zero || Nix.Timeout > LongestTimeout)
        {
            yield return $"Nixery:Nix:Timeout (NIX_TIMEOUT) is {Nix.Timeout}; it is a time above zero and of a week at most, as 00:10:00, or seconds in NIX_TIMEOUT";
        }

        if (Nix.MostAtOnce < 1)
        {
            yield return $"Nixery:Nix:MostAtOnce is {Nix.MostAtOnce}; at least one build must run";
        }

        if (Nix.MostWaiting < 0)
        {
            yield return $"Nixery:Nix:MostWaiting is {Nix.MostWaiting}; it is a number, 0 to have nobody wait";
        }

        foreach (var problem in StayingProblems.Of(this).Concat(Telemetry.Problems()))
        {
            yield return problem;
        }

        foreach (var problem in PackingProblems.Of(Packing))
        {
            yield return problem;
        }

        if (Pulls.RememberFailuresFor < TimeSpan.Zero)
        {
            yield return $"Nixery:Pulls:RememberFailuresFor is {Pulls.RememberFailuresFor}; it is a time, 00:00:00 to remember none";
        }

        if (Pulls.WaitFor < TimeSpan.Zero || Pulls.WaitFor > LongestWait)
        {
            yield return $"Nixery:Pulls:WaitFor is {Pulls.WaitFor}; it is a time of 12 hours at most, as 00:10:00 for ten minutes, and 00:00:00 to have nobody wait";
        }

        if (Pulls.MemoryBytes < 1)
        {
            yield return $"Nixery:Pulls:MemoryBytes is {Pulls.MemoryBytes}; it is a number of bytes above zero";
        }
    }
}

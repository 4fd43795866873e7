using Microsoft.Extensions.Options;

namespace Nixery.Server.Configuring;

/// <summary>Reads the settings file anew: what can change while the server runs does, what cannot is named in the log.</summary>
/// <param name="started">What the server was started with.</param>
internal sealed partial class SettingsReload(
    SettingSources sources, Settings started, IEnumerable<LiveSetting> live, ILogger<SettingsReload> logger) : IReloadable
{
    private readonly LiveSetting[] _live = [.. live];
    private readonly Dictionary<string, string?> _inForce = SettingValues.Of(started).ToDictionary(StringComparer.Ordinal);

    public IReadOnlyList<string> Files => sources.File is { } file ? [file] : [];

    public void Reload()
    {
        Settings now;
        try
        {
            now = sources.ReadAnew();
        }
        catch (OptionsValidationException e)
        {
            Log.Kept(logger, string.Join("; ", e.Failures));
            return;
        }

        var values = SettingValues.Of(now).ToDictionary(StringComparer.Ordinal);
        var changed = values.Keys.Union(_inForce.Keys).Where(n => values.GetValueOrDefault(n) != _inForce.GetValueOrDefault(n)).Order(StringComparer.Ordinal).ToList();
        var applied = new List<string>();
        foreach (var setting in _live)
        {
            var names = changed.Where(setting.IsAbout).ToList();
            if (names.Count > 0 && setting.TryApply(now))
            {
                applied.AddRange(names);
            }
        }

        foreach (var name in applied)
        {
            _inForce[name] = values.GetValueOrDefault(name);
        }

        Say(applied, [.. changed.Except(applied)]);
    }

    private void Say(List<string> applied, List<string> others)
    {
        if (applied.Count > 0)
        {
            Log.Changed(logger, string.Join(", ", applied));
        }

        if (others.Count > 0)
        {
            Log.NeedsRestart(logger, string.Join(", ", others));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Information, "Settings changed and in force: {Settings}")]
        public static partial void Changed(ILogger logger, string settings);

        [LoggerMessage(4101, LogLevel.Warning, "Settings changed that need a restart, and are not in force yet: {Settings}")]
        public static partial void NeedsRestart(ILogger logger, string settings);

        [LoggerMessage(4102, LogLevel.Warning, "The settings were read again and are not right, so all stays as it was: {Problems}")]
        public static partial void Kept(ILogger logger, string problems);
    }
}

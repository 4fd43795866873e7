namespace Nixery.Server.Configuring;

/// <summary>A setting, or all that are below a name, that can change while the server runs.</summary>
/// <param name="Name">As <c>Nixery:Limits</c>.</param>
/// <param name="TryApply">Told all settings; false where this change takes a restart all the same.</param>
internal sealed record LiveSetting(string Name, Func<Settings, bool> TryApply)
{
    public bool IsAbout(string setting) =>
        setting == Name || setting.StartsWith($"{Name}:", StringComparison.Ordinal);
}

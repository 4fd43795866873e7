namespace Nixery.Server.Configuring;

/// <summary>Settings that are at hand, and how whoever gave them calls each.</summary>
/// <param name="originOf">Of a setting that is among them.</param>
internal sealed class GivenSettings(IEnumerable<KeyValuePair<string, string?>> settings, Func<string, string> originOf)
    : ConfigurationProvider, IConfigurationSource
{
    public string OriginOf(string setting) => originOf(setting);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        foreach (var (name, value) in settings)
        {
            Data[name] = value;
        }
    }
}

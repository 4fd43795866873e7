namespace Nixery.Server.Sight;

/// <summary>How the server looks at itself.</summary>
internal sealed record HealthOptions
{
    /// <summary>How often storage, Nix, source and disk are looked at; with a bucket, a request each time.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(15);
}

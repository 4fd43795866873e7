using Nixery.Server.Configuring;

namespace Nixery.Server.Staying;

/// <summary>What is wrong with the settings by which the server looks at itself, makes room and ends.</summary>
internal static class StayingProblems
{
    /// <summary>A bare 5 is five days, and nobody means that.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static IEnumerable<string> Of(Settings settings)
    {
        if (settings.Drain.Delay < TimeSpan.Zero || settings.Drain.Delay > Longest || settings.Drain.WaitFor < TimeSpan.Zero || settings.Drain.WaitFor > Longest)
        {
            yield return "Nixery:Drain:Delay and Nixery:Drain:WaitFor are times of an hour at most, as 00:00:05 for five seconds";
        }

        if (settings.Health.CheckEvery < TimeSpan.FromSeconds(1) || settings.Health.CheckEvery > Longest)
        {
            yield return $"Nixery:Health:CheckEvery is {settings.Health.CheckEvery}; it is a time from a second to an hour, as 00:00:15";
        }

        if (settings.Headroom.DiskBytes < 0 || settings.Headroom.MemoryBytes < 0)
        {
            yield return "Nixery:Headroom:DiskBytes and Nixery:Headroom:MemoryBytes are numbers of bytes, 0 not to look";
        }

        if (settings.Nix.StoreMaxBytes < 0 || settings.Nix.StoreMinFreeBytes < 0)
        {
            yield return "Nixery:Nix:StoreMaxBytes and Nixery:Nix:StoreMinFreeBytes are numbers of bytes, 0 for no limit";
        }

        if (settings.Log.RefusalsPerMinute < 0)
        {
            yield return $"Nixery:Log:RefusalsPerMinute is {settings.Log.RefusalsPerMinute}; it is a number, 0 to count them only";
        }
    }
}

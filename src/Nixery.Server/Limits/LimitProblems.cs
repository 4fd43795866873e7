using Nixery.Pulls;

namespace Nixery.Server.Limits;

/// <summary>What is wrong with the settings of limits and policy, one sentence each.</summary>
internal static class LimitProblems
{
    public static IEnumerable<string> Of(LimitOptions limits, PolicyOptions policy)
    {
        (string Name, long Value)[] numbers =
        [
            ("Packages", limits.Packages), ("ClosureBytes", limits.ClosureBytes), ("BuildsAtOnce", limits.BuildsAtOnce), ("BuildsPerHour", limits.BuildsPerHour),
            ("PullsAtOnce", limits.PullsAtOnce), ("DownloadsAtOnce", limits.DownloadsAtOnce), ("BytesPerHour", limits.BytesPerHour),
        ];
        foreach (var (name, value) in numbers.Where(n => n.Value < 0))
        {
            yield return $"Nixery:Limits:{name} is {value}; it is a number, 0 for no limit";
        }

        (string Name, IReadOnlyList<string> Patterns)[] lists =
        [
            ("AllowPackages", policy.AllowPackages), ("DenyPackages", policy.DenyPackages), ("AllowLicences", policy.AllowLicences), ("DenyLicences", policy.DenyLicences),
        ];
        foreach (var (name, _) in lists.Where(l => l.Patterns.Any(string.IsNullOrWhiteSpace)))
        {
            yield return $"Nixery:Policy:{name} has an empty entry; each is a name, with * for anything";
        }
    }
}

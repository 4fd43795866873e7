using Nixery.Pulls.Keeping;

namespace Nixery.Server.Configuring;

/// <summary>What is wrong with the settings of how much is kept.</summary>
internal static class KeepingProblems
{
    /// <summary>Less would hardly hold one image.</summary>
    private const long LeastBytes = 1_000_000;

    /// <summary>Uses are noted by the day.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromDays(1);

    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(1);

    public static IEnumerable<string> Of(StorageSettings settings)
    {
        if (settings.MaxBytes is not 0 and < LeastBytes)
        {
            yield return $"Nixery:Storage:MaxBytes is {settings.MaxBytes}; it is a number of bytes, {LeastBytes} or more, and 0 for no limit";
        }

        if (settings.MaxAge != TimeSpan.Zero && settings.MaxAge < LeastAge)
        {
            yield return $"Nixery:Storage:MaxAge is {settings.MaxAge}; it is a time of a day or more, as 30.00:00:00 for thirty days, and 00:00:00 to keep what nobody pulls for ever";
        }

        if (settings.Grace < TimeSpan.Zero || settings.Grace > LongestGrace)
        {
            yield return $"Nixery:Storage:Grace is {settings.Grace}; it is a time of a day at most, as 00:10:00";
        }

        foreach (var (pattern, problem) in settings.Keep.Select(k => (k, KeepingOptions.ProblemOf(k))).Where(p => p.Item2 is not null))
        {
            yield return $"Nixery:Storage:Keep has '{pattern}'; each {problem}";
        }
    }
}

namespace Nixery.Server.Limits;

/// <summary>How long to wait, in words.</summary>
internal static class Waiting
{
    private static readonly TimeSpan InSeconds = TimeSpan.FromMinutes(2);

    public static string Text(TimeSpan wait) => wait < InSeconds ? $"{Math.Ceiling(wait.TotalSeconds)} s" : $"{Math.Ceiling(wait.TotalMinutes)} min";
}

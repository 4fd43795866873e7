namespace Nixery.Pulls.Keeping;

/// <summary>How much is kept, and for how long.</summary>
/// <param name="MaxBytes">Of all that is stored, blobs and records; 0 for no limit.</param>
/// <param name="MaxAge">How long an image is kept that nobody pulls; zero for ever.</param>
/// <param name="Grace">How long a client may take from an image's manifest to the last of its layers.</param>
/// <param name="Keep">Images that stay, see <see cref="KeptNames"/>.</param>
public sealed record KeepingOptions(long MaxBytes, TimeSpan MaxAge, TimeSpan Grace, IReadOnlyList<string> Keep)
{
    /// <summary>Begins above this part of the limit, so that what is built meanwhile has room; deletion takes its time.</summary>
    private const double Full = 0.90;

    /// <summary>Ends below this part of it, so that the next build does not begin it again.</summary>
    private const double Enough = 0.80;

    /// <summary>What is wrong with a name of <see cref="Keep"/>, as the rest of a sentence; null when nothing is.</summary>
    public static string? ProblemOf(string kept) => KeptNames.ProblemOf(kept);

    /// <summary>Whether a server has anything to do by itself.</summary>
    public bool HasLimits => MaxBytes > 0 || MaxAge > TimeSpan.Zero;

    public bool IsFull(long usedBytes) => MaxBytes > 0 && usedBytes > MaxBytes * Full;

    /// <summary>How much room there is when a run has ended that was asked for none.</summary>
    public long RoomBytes => MaxBytes - TargetBytes(0);

    /// <summary>How much may be left, where <paramref name="wantedBytes"/> are to come.</summary>
    public long TargetBytes(long wantedBytes) => Math.Max(0, Math.Min((long)(MaxBytes * Enough), MaxBytes - wantedBytes));
}

using System.Diagnostics;
using Nixery.Images;
using Nixery.Sight;

namespace Nixery.Pulls;

/// <summary>A pull while it goes on: the span that all others of it are within, and when it ends one more in the figures.</summary>
internal sealed class MeasuredPull(ImageName name, Tag tag) : IDisposable
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Activity? _span = Tracing.Begin("pull")?.SetTag("nixery.image", name.Text).SetTag("nixery.tag", tag.Text);
    private (string Outcome, string Level) _end = ("interrupted", "none");

    public PullOutcome EndWith(PullOutcome outcome)
    {
        _end = outcome is PullOutcome.Image image ? ("image", LevelOf(image.Origin)) : (NameOf(outcome), "none");
        return outcome;
    }

    /// <summary>Without an ending the client has left, the server ends, or something is broken; the log tells which.</summary>
    public void Dispose()
    {
        Figures.CountPull(_end.Outcome, _end.Level, Stopwatch.GetElapsedTime(_began));
        _span?.SetTag("nixery.outcome", _end.Outcome).SetTag("nixery.level", _end.Level).Dispose();
    }

    private static string LevelOf(ImageOrigin origin) => origin switch
    {
        ImageOrigin.Memory => "memory",
        ImageOrigin.Storage => "storage",
        ImageOrigin.Composed => "composed",
        ImageOrigin.Built => "built",
        _ => throw new UnreachableException(),
    };

    /// <summary>What an ending other than an image is called in the figures.</summary>
    internal static string NameOf(PullOutcome outcome) => outcome switch
    {
        PullOutcome.NameRefused => "name-refused",
        PullOutcome.UnknownTag => "unknown-tag",
        PullOutcome.PackagesNotFound => "not-found",
        PullOutcome.PackagesRefused => "refused",
        PullOutcome.NotStored => "not-stored",
        PullOutcome.BuildFailed => "build-failed",
        PullOutcome.BuildTimedOut => "build-timed-out",
        PullOutcome.StillBuilding => "still-building",
        PullOutcome.OverLimit => "over-limit",
        PullOutcome.TooMany => "too-many",
        PullOutcome.Busy => "busy",
        PullOutcome.NoRoom => "no-room",
        PullOutcome.Unavailable => "unavailable",
        _ => throw new UnreachableException(),
    };
}

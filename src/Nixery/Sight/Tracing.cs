using System.Diagnostics;

namespace Nixery.Sight;

/// <summary>
/// The spans of a pull, one or more a room. Where nobody listens there are none, and asking costs a comparison. Who exports them is the
/// server's business.
/// </summary>
public static class Tracing
{
    /// <summary>By which a listener finds them.</summary>
    public const string SourceName = "Nixery";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// A span from now until it is disposed, within the one that is current. Null when nobody listens, and for what no request has asked
    /// for: a trace each for every look at Nix or at a source would hide those of pulls.
    /// </summary>
    internal static Activity? Begin(string name) => Activity.Current is null ? null : Source.StartActivity(name);
}

using System.Diagnostics;

namespace Nixery.Sight;

/// <summary>A step of a build while it goes on: a span of its trace, and when it is disposed its time among the figures.</summary>
internal readonly struct Stage : IDisposable
{
    private readonly string _name;
    private readonly long _began;
    private readonly Activity? _span;

    private Stage(string name)
    {
        (_name, _began, _span) = (name, Stopwatch.GetTimestamp(), Tracing.Begin(name));
    }

    public static Stage Evaluate() => new("evaluate");

    public static Stage Realise() => new("realise");

    public static Stage Plan() => new("plan");

    public static Stage Pack() => new("pack");

    public static Stage Store() => new("store");

    public void Dispose()
    {
        Figures.CountStage(_name, Stopwatch.GetElapsedTime(_began));
        _span?.Dispose();
    }
}

using Microsoft.Extensions.Logging;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

/// <summary>Keeps what <see cref="NixProcess"/> logs, and tells when a line comes by that a test waits for.</summary>
internal sealed class LineLog : ILogger<NixProcess>
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource<string> Seen)> _awaited = [];

    /// <summary>The first line with <paramref name="part"/> in it, when it comes.</summary>
    public Task<string> LineWith(string part)
    {
        lock (_gate)
        {
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_lines.Find(l => l.Contains(part, StringComparison.Ordinal)) is { } line)
            {
                seen.SetResult(line);
            }

            _awaited.Add((part, seen));
            return seen.Task;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            var line = formatter(state, exception);
            _lines.Add(line);
            foreach (var (_, seen) in _awaited.Where(a => line.Contains(a.Part, StringComparison.Ordinal)))
            {
                seen.TrySetResult(line);
            }
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}

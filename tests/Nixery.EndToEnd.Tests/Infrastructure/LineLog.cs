namespace Nixery.EndToEnd.Infrastructure;

/// <summary>The lines that a process has printed, and a way to wait for one.</summary>
internal sealed class LineLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource<string> Found)> _waiting = [];

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public Task<string> LineWithAsync(string part)
    {
        lock (_gate)
        {
            if (_lines.Find(l => l.Contains(part, StringComparison.Ordinal)) is { } line)
            {
                return Task.FromResult(line);
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((part, found));
            return found.Task;
        }
    }

    /// <summary>Until the end of the stream.</summary>
    public async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _lines.Add(line);
                foreach (var (_, found) in _waiting.Where(w => line.Contains(w.Part, StringComparison.Ordinal)))
                {
                    found.TrySetResult(line);
                }
            }
        }
    }
}

using Nixery.Images;

namespace Nixery.Sources;

/// <summary>A source that can say which tags it has.</summary>
internal interface ITagSource
{
    /// <summary>The names that mean something there besides <c>latest</c> and commits, in any order; null when it cannot be asked now.</summary>
    Task<IReadOnlyList<Tag>?> FindTagsAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The tags of a set besides <c>latest</c>, remembered as long as a pin is. While the source cannot be asked, what it said last stays;
/// where it never answered there are none.
/// </summary>
/// <param name="source">Null for a source that has no names but <c>latest</c>.</param>
internal sealed class TagList(ITagSource? source, SourceOptions options, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Look? _last;
    private Task<IReadOnlyList<Tag>>? _running;

    /// <param name="cancellationToken">Ends the caller's waiting; a look at the source goes on.</param>
    public Task<IReadOnlyList<Tag>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return source is null ? Task.FromResult<IReadOnlyList<Tag>>([])
                : _last is { } last && time.GetElapsedTime(last.At) < (last.Succeeded ? options.PinFor : options.UnknownFor) ? Task.FromResult(last.Tags)
                : (_running ??= LookAsync(source)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends a look under way. Idempotent, as <see cref="PackageSets"/> is.</summary>
    public void Dispose()
    {
        if (!_closing.IsCancellationRequested)
        {
            _closing.Cancel();
            _closing.Dispose();
        }
    }

    private async Task<IReadOnlyList<Tag>> LookAsync(ITagSource asked)
    {
        var closing = _closing.Token;
        // Leaves the caller's lock before any of the work is done.
        await Task.Yield();
        try
        {
            var found = await asked.FindTagsAsync(closing);
            lock (_gate)
            {
                _last = new Look(time.GetTimestamp(), found ?? _last?.Tags ?? [], found is not null);
                return _last.Tags;
            }
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }
        }
    }

    private sealed record Look(long At, IReadOnlyList<Tag> Tags, bool Succeeded);
}

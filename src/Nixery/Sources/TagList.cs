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
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile Look? _last;

    public async Task<IReadOnlyList<Tag>> ReadAsync(CancellationToken cancellationToken)
    {
        if (source is null)
        {
            return [];
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) >= (last.Succeeded ? options.PinFor : options.UnknownFor))
            {
                var found = await source.FindTagsAsync(cancellationToken);
                _last = last = new Look(time.GetTimestamp(), found ?? _last?.Tags ?? [], found is not null);
            }

            return last.Tags;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private sealed record Look(long At, IReadOnlyList<Tag> Tags, bool Succeeded);
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Nixery.Images;
using Nixery.Sight;

namespace Nixery.Sources;

/// <summary>
/// Remembers what the tags of a remote source mean:
/// a pin serves for its time and is looked up again before, by <see cref="RefreshAsync"/>, where it has been used; it goes on serving
/// while the source cannot be asked; after a restart the stored record takes its place. Equal look-ups are one, and belong to the house:
/// they go on when who asked has left. That a tag is unknown is remembered too, for a short while.
/// </summary>
internal sealed partial class PinBook(
    IRemotePinner source, SourceOptions options, PinRecords records, PinTrial trial, TimeProvider time, ILogger<PinBook> logger) : ISourcePinner, IDisposable
{
    private const int LookUpsAtOnce = 4;

    private readonly Lock _gate = new();
    private readonly PinPages _pages = new();
    private readonly CancellationTokenSource _closing = new();

    public Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var page = _pages.Open(tag, time.GetTimestamp());
            return page.Find(time.GetElapsedTime(page.Asked), options) is { } answer
                ? Task.FromResult(answer)
                : (page.Running ??= LookUpAsync(tag, page)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Looks up again what would run out soon and is in use. Called regularly.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        List<(Tag Tag, PinPage Page)> due;
        lock (_gate)
        {
            due = [.. _pages.All.Where(p => p.Page.IsDue(time.GetElapsedTime(p.Page.Asked), options))];
        }

        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = LookUpsAtOnce, CancellationToken = cancellationToken },
            async (item, stopping) => await LookUpSharedAsync(item.Tag, item.Page).WaitAsync(stopping));
    }

    public IReadOnlyList<PinStatus> Status()
    {
        lock (_gate)
        {
            return _pages.Status(time.GetUtcNow());
        }
    }

    /// <summary>Ends look-ups under way. Idempotent: a container that knows the sets under two types disposes them twice.</summary>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _closing.Cancel();
        _closing.Dispose();
        (source as IDisposable)?.Dispose();
    }

    private Task<PinOutcome> LookUpSharedAsync(Tag tag, PinPage page)
    {
        lock (_gate)
        {
            return page.Running ??= LookUpAsync(tag, page);
        }
    }

    private async Task<PinOutcome> LookUpAsync(Tag tag, PinPage page)
    {
        var closing = _closing.Token;
        // Leaves the caller's lock before any of the work is done.
        await Task.Yield();
        using var span = Tracing.Begin("look-up");
        try
        {
            // A commit that this source was known to have is of it for ever.
            if (CommitText.IsCommit(tag.Text) && await records.FindAsync(tag, closing) is { } known)
            {
                return Set(page, known, failure: null);
            }

            return await AskAsync(tag, closing) switch
            {
                PinOutcome.Pinned { Source: var found } => await trial.FindRejectionAsync(tag, page.Pin?.Source.Revision, found, closing) is { } rejection
                    ? await FallBackAsync(tag, page, rejection, closing)
                    : await KeepAsync(tag, page, found.Revision, closing),
                PinOutcome.UnknownTag unknown => await DenyAsync(tag, page, unknown, closing),
                PinOutcome.Unavailable unavailable => await FallBackAsync(tag, page, unavailable, closing),
                _ => throw new UnreachableException(),
            };
        }
        finally
        {
            lock (_gate)
            {
                page.Running = null;
            }
        }
    }

    private async Task<PinOutcome> AskAsync(Tag tag, CancellationToken cancellationToken)
    {
        try
        {
            return await source.PinAsync(tag, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.CannotAsk(logger, e, tag.Text);
            return new PinOutcome.Unavailable("this registry cannot ask for its package source; its log says why");
        }
    }

    private async Task<PinOutcome> KeepAsync(Tag tag, PinPage page, string commit, CancellationToken cancellationToken)
    {
        var record = new PinRecord(commit, time.GetUtcNow());
        if (page.Pin?.Source.Revision != commit)
        {
            await records.PutAsync(tag, record, cancellationToken);
            if (tag.Text != commit)
            {
                // The tag by which exactly this can be asked for again.
                await records.PutAsync(Tag.Parse(commit), record, cancellationToken);
            }
        }

        return Set(page, record, failure: null);
    }

    private async Task<PinOutcome> DenyAsync(Tag tag, PinPage page, PinOutcome.UnknownTag unknown, CancellationToken cancellationToken)
    {
        if (page.Pin is not null)
        {
            await records.PutAsync(tag, new PinRecord("", time.GetUtcNow()), cancellationToken);
        }

        lock (_gate)
        {
            page.Deny(unknown, time.GetTimestamp());
        }

        return unknown;
    }

    private async Task<PinOutcome> FallBackAsync(Tag tag, PinPage page, PinOutcome.Unavailable unavailable, CancellationToken cancellationToken)
    {
        var failure = new PinFailure(unavailable.Explanation, time.GetUtcNow());
        if (page.Pin is null && await records.FindAsync(tag, cancellationToken) is { } record)
        {
            Log.OldPinServes(logger, tag.Text, record.Commit, record.At, unavailable.Explanation);
            return Set(page, record, failure);
        }

        if (page.Pin is { } old)
        {
            Log.OldPinServes(logger, tag.Text, old.Source.Revision, page.Confirmed, unavailable.Explanation);
        }

        lock (_gate)
        {
            page.Fail(failure, time.GetTimestamp());
            return page.Pin is { } pin ? pin : unavailable;
        }
    }

    private PinOutcome.Pinned Set(PinPage page, PinRecord record, PinFailure? failure)
    {
        var pin = new PinOutcome.Pinned(source.At(record.Commit));
        lock (_gate)
        {
            page.Set(pin, record.At, failure, time.GetTimestamp());
        }

        return pin;
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "The tag {Tag} stays at {Revision}, as the source had it at {Confirmed}: {Explanation}")]
        public static partial void OldPinServes(ILogger logger, string tag, string revision, DateTimeOffset confirmed, string explanation);

        [LoggerMessage(1202, LogLevel.Warning, "The tag {Tag} cannot be looked up")]
        public static partial void CannotAsk(ILogger logger, Exception exception, string tag);
    }
}

namespace Nixery.Sources;

/// <summary>What a <see cref="PinBook"/> knows of one tag. Guarded by the book.</summary>
internal sealed class PinPage
{
    public PinOutcome.Pinned? Pin { get; private set; }

    /// <summary>When the source said last what <see cref="Pin"/> is.</summary>
    public DateTimeOffset Confirmed { get; private set; }

    public PinFailure? Failure { get; private set; }

    /// <summary>Timestamp of the last request for it.</summary>
    public long Used { get; set; }

    /// <summary>Timestamp of the end of the last look-up.</summary>
    public long Asked { get; private set; }

    /// <summary>The look-up that is under way; equal ones wait for it.</summary>
    public Task<PinOutcome>? Running { get; set; }

    private PinOutcome.UnknownTag? Unknown { get; set; }

    /// <summary>A tag that is the commit itself: there is nothing to ask a second time.</summary>
    public required string Tag { get; init; }

    private bool IsFixed => Pin?.Source.Revision == Tag;

    /// <summary>The answer that needs no look-up, or null.</summary>
    public PinOutcome? Find(TimeSpan age, SourceOptions options)
    {
        if (Unknown is not null)
        {
            return age < options.UnknownFor ? Unknown : null;
        }

        // An old pin whose refresh failed is as good as a new one until the next one is due.
        return Pin is not null && (IsFixed || age < options.PinFor) ? Pin : null;
    }

    /// <summary>Whether to look it up before it runs out: it has been used since the last time, and three quarters of its time are over.</summary>
    public bool IsDue(TimeSpan age, SourceOptions options)
    {
        var after = options.PinFor * 0.75;
        return Pin is not null && !IsFixed && Running is null && Used >= Asked
            && age >= (Failure is null || after < options.UnknownFor ? after : options.UnknownFor);
    }

    public void Set(PinOutcome.Pinned pin, DateTimeOffset confirmed, PinFailure? failure, long now) =>
        (Pin, Confirmed, Failure, Unknown, Asked) = (pin, confirmed, failure, null, now);

    public void Fail(PinFailure failure, long now) => (Failure, Unknown, Asked) = (failure, null, now);

    public void Deny(PinOutcome.UnknownTag unknown, long now) => (Pin, Failure, Unknown, Asked) = (null, null, unknown, now);
}

/// <summary>Why a tag could not be looked up, and when that was.</summary>
public sealed record PinFailure(string Explanation, DateTimeOffset At);

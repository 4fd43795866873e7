using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Believes what a moving tag was pinned to for a while. Failures are not remembered.</summary>
internal sealed class RememberingPinner(ISourcePinner inner, TimeSpan believeFor, TimeProvider time) : ISourcePinner
{
    /// <summary>Tags come from outside; what is remembered of them stays bounded.</summary>
    private const int MostTags = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Tag, (DateTimeOffset At, PinOutcome.Pinned Pin)> _pins = [];

    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_pins.TryGetValue(tag, out var known) && time.GetUtcNow() - known.At < believeFor)
            {
                return known.Pin;
            }
        }

        var outcome = await inner.PinAsync(tag, cancellationToken);
        if (outcome is PinOutcome.Pinned pin)
        {
            Remember(tag, pin);
        }

        return outcome;
    }

    private void Remember(Tag tag, PinOutcome.Pinned pin)
    {
        lock (_gate)
        {
            if (_pins.Count >= MostTags)
            {
                _pins.Clear();
            }

            _pins[tag] = (time.GetUtcNow(), pin);
        }
    }
}

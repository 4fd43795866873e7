using Nixery.Building;
using Nixery.Closures;
using Nixery.Packing;

namespace Nixery.Pulls;

/// <summary>Refuses closures that are too large, before they are fetched where a binary cache tells, and before they are packed anyway.</summary>
internal sealed class ClosureLimit(ImagePolicy policy, IStoreForesight foresight, StoreTreeReader store)
{
    public PullOutcome? FindExcess(ClosureGraph closure) => policy.FindExcess(closure);

    /// <summary>The same of outputs that are not here yet. A closure that nobody can tell is not held against them now.</summary>
    public async Task<PullOutcome?> FindForeseenExcessAsync(IReadOnlyList<StorePath> outputs, CancellationToken cancellationToken) =>
        policy.LimitsClosures
        && !outputs.All(o => Path.Exists(store.Locate(o)))
        && await foresight.ForeseeAsync(outputs, cancellationToken) is { } closure
            ? policy.FindExcess(closure)
            : null;
}

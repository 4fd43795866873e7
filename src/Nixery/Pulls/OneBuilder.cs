using Nixery.Building;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Of several servers over one storage that are asked for the same image at once, one builds it, and the others wait for its record.
/// Within one server that is <see cref="SharedWork{TKey, T}"/>'s, which comes first. On a machine that has no room none begins.
/// </summary>
internal sealed class OneBuilder(ILeases leases, Headroom headroom, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <param name="find">The image, when it is known; null when it is not.</param>
    /// <param name="build">Looks itself once more whether the image is known, and whether it failed lately.</param>
    public async Task<PullOutcome> RunAsync(
        RecordKey image, Func<CancellationToken, Task<PullOutcome?>> find, Func<CancellationToken, Task<PullOutcome>> build, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (headroom.FindLack() is { } lack)
            {
                return new PullOutcome.Unavailable(lack);
            }

            var lease = await leases.TryTakeAsync(RecordKey.Of("lease", image.Hex), cancellationToken);
            if (lease is not null)
            {
                await using (lease)
                {
                    return await build(cancellationToken);
                }
            }

            await Task.Delay(LookEvery, time, cancellationToken);
            if (await find(cancellationToken) is { } known)
            {
                return known;
            }
        }
    }
}

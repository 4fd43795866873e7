using Nixery.Building;
using Nixery.Packing;

namespace Nixery.Pulls;

/// <summary>Step 6 of a pull: makes a draft's outputs present, and has layers packed meanwhile.</summary>
internal sealed class DraftRealiser(IImageBuilder builder, PackageMemory packages, EarlyPacking early, StoreTreeReader store)
{
    public async Task<RealisationOutcome> RealiseAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        using var realising = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Where all outputs are there nothing is to be waited for.
        var packing = draft.Outputs.All(o => Path.Exists(store.Locate(o))) ? Task.CompletedTask : early.RunAsync(draft, realising.Token);
        try
        {
            var outcome = await builder.RealiseAsync(draft.Packages, cancellationToken);
            if (outcome is not RealisationOutcome.DerivationGone)
            {
                return outcome;
            }

            // What is remembered of the packages is older than the last garbage collection: the same names give the same outputs.
            await packages.EvaluateAnewAsync(draft.Source, draft.Request.Platform, draft.Names, cancellationToken);
            return await builder.RealiseAsync(draft.Packages, cancellationToken);
        }
        finally
        {
            await realising.CancelAsync();
            await packing;
        }
    }
}

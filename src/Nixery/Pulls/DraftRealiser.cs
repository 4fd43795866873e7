using Nixery.Packing;

namespace Nixery.Pulls;

/// <summary>Step 6 of a pull: has a draft's outputs realised, and layers packed meanwhile.</summary>
internal sealed class DraftRealiser(OutputRealiser realiser, EarlyPacking early, StoreTreeReader store)
{
    public async Task<ContentOutcome> RealiseAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        using var realising = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Where all outputs are there nothing is to be waited for.
        var packing = draft.Outputs.All(o => Path.Exists(store.Locate(o))) ? Task.CompletedTask : early.RunAsync(draft, realising.Token);
        try
        {
            return await realiser.RealiseAsync(draft.Source, draft.Request.Platform, draft.Names, draft.Packages, cancellationToken);
        }
        finally
        {
            await realising.CancelAsync();
            await packing;
        }
    }
}

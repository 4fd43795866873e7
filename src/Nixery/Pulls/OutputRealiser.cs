using Nixery.Building;
using Nixery.Images;
using Nixery.Packing;
using Nixery.Rootfs;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>Step 6 of a pull: makes outputs present, reads what they are made of, and remembers it.</summary>
internal sealed class OutputRealiser(IImageBuilder builder, PackageMemory packages, OutputMemory memory, StoreTreeReader store)
{
    /// <param name="source">Where <paramref name="wanted"/> are from, and at which pin.</param>
    /// <param name="names">What they were evaluated as, for when their recipes are gone.</param>
    /// <exception cref="UnpackableException">An output has what no image can have.</exception>
    public async Task<ContentOutcome> RealiseAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, IReadOnlyList<Package> wanted, CancellationToken cancellationToken)
    {
        var outcome = await builder.RealiseAsync(wanted, cancellationToken);
        if (outcome is RealisationOutcome.DerivationGone)
        {
            // What is remembered of the packages is older than the last garbage collection: the same names give the same outputs.
            await packages.EvaluateAnewAsync(source, platform, names, cancellationToken);
            outcome = await builder.RealiseAsync(wanted, cancellationToken);
        }

        if (outcome is not RealisationOutcome.Realised { Realisation: var realisation })
        {
            return new ContentOutcome.NotRealised(outcome);
        }

        var held = default(ContentOutcome.Held);
        try
        {
            var outputs = wanted.SelectMany(p => p.Outputs).Select(o => o.Path).Distinct();
            var content = new ImageContent(realisation.Closure, [.. outputs.Select(o => new OutputTree(o, store.Read(o, cancellationToken)))]);
            await memory.RememberAsync(content, cancellationToken);
            return held = new ContentOutcome.Held(content, realisation);
        }
        finally
        {
            if (held is null)
            {
                await realisation.DisposeAsync();
            }
        }
    }
}

/// <summary>How the realisation of outputs ended.</summary>
internal abstract record ContentOutcome
{
    private ContentOutcome()
    {
    }

    /// <param name="Content">What they are made of.</param>
    /// <param name="Realisation">Keeps them until the caller disposes it.</param>
    public sealed record Held(ImageContent Content, Realisation Realisation) : ContentOutcome;

    public sealed record NotRealised(RealisationOutcome Outcome) : ContentOutcome;
}

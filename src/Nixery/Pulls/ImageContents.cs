using Nixery.Packing;

namespace Nixery.Pulls;

/// <summary>What images are made of, for those who store nothing of it: from memory, else from Nix.</summary>
internal sealed class ImageContents(OutputRealiser realiser, OutputMemory memory)
{
    /// <summary>What a client is told of an output that no image can have.</summary>
    public static string Unpackable(UnpackableException e) => $"the packages cannot be put into an image: {e.Message}";

    public async Task<ContentRead> ReadAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        if (await memory.FindAsync(draft.Outputs, cancellationToken) is { } known)
        {
            return new ContentRead.Known(known);
        }

        try
        {
            var outcome = await realiser.RealiseAsync(draft.Source, draft.Request.Platform, draft.Names, draft.Packages, cancellationToken);
            if (outcome is not ContentOutcome.Held held)
            {
                return new ContentRead.NotRealised(ImageBuild.EndOf(((ContentOutcome.NotRealised)outcome).Outcome));
            }

            await held.Realisation.DisposeAsync();
            return new ContentRead.Known(held.Content);
        }
        catch (UnpackableException e)
        {
            return new ContentRead.NotRealised(new PullOutcome.BuildFailed(Unpackable(e)));
        }
    }
}

/// <summary>How the reading of an image's content ended.</summary>
internal abstract record ContentRead
{
    private ContentRead()
    {
    }

    public sealed record Known(ImageContent Content) : ContentRead;

    /// <summary>How a pull of it would end.</summary>
    public sealed record NotRealised(PullOutcome Outcome) : ContentRead;
}

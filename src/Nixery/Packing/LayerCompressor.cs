using Nixery.Oci;
using Nixery.Packing.Encoders;

namespace Nixery.Packing;

/// <summary>A tar that was packed.</summary>
/// <param name="DiffId">The digest of the bare tar.</param>
/// <param name="TarSizeBytes">The length of the bare tar.</param>
internal sealed record PackedTar(Digest DiffId, long TarSizeBytes);

/// <summary>
/// Makes a layer's bytes in one pass, on all processors and with flat memory: one thread reads and writes the tar into pieces and
/// hashes them for the diffID, others compress the pieces, and they come to the destination in their order.
/// </summary>
internal sealed class LayerCompressor(PieceFormat format, PieceStock stock, PieceThreads threads)
{
    /// <summary>
    /// How many pieces one layer may have at a time: enough to keep all processors busy. A destination that is slow holds no more of
    /// the stock than these.
    /// </summary>
    private static readonly int MostAhead = (2 * Environment.ProcessorCount) + 2;

    public PieceFormat Format { get; } = format;

    /// <summary>
    /// Packs <paramref name="content"/> into <paramref name="destination"/>, which is only written to, flushed and left open. After a
    /// failure or a cancellation the destination holds half a layer: discard it.
    /// </summary>
    public async Task<PackedTar> PackAsync(ILayerContent content, Stream destination, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var line = new PieceLine(stock, threads, MostAhead);
        // The token is looked at by what runs, so that the line is completed whenever it begins.
        var filling = Task.Factory.StartNew(
            () => Fill(content, line, ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await line.WriteToAsync(destination, cancellationToken);
        }
        finally
        {
            // What ends the writing ends the reading; and before this returns every piece is back.
            await ending.CancelAsync();
            await ((Task)filling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await line.ClearAsync();
        }

        var packed = await filling;
        await destination.FlushAsync(cancellationToken);
        return packed;
    }

    private static PackedTar Fill(ILayerContent content, PieceLine line, CancellationToken cancellationToken)
    {
        try
        {
            using var pieces = new PieceStream(line, cancellationToken);
            content.WriteTo(pieces, cancellationToken);
            return pieces.Finish();
        }
        finally
        {
            line.Complete();
        }
    }
}

using System.Threading.Channels;

namespace Nixery.Packing;

/// <summary>
/// The pieces of one layer in their order, from the thread that fills them, through the threads that compress them in any order, to
/// the destination. Bounded: who fills waits when <c>mostAhead</c> pieces are not written yet.
/// </summary>
internal sealed class PieceLine(PieceStock stock, PieceThreads threads, int mostAhead)
{
    private readonly PieceShare _share = new(mostAhead);
    private readonly Channel<(Piece Piece, Task Encoding)> _line = Channel.CreateUnbounded<(Piece, Task)>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>An empty piece for the next bytes of this layer. Blocks until it is this layer's turn.</summary>
    public Piece Take(CancellationToken cancellationToken) => stock.Take(_share, cancellationToken);

    /// <summary>Hands on a piece that was taken and is filled.</summary>
    public void Add(Piece piece) => _line.Writer.TryWrite((piece, threads.EncodeAsync(piece)));

    /// <summary>There are no more.</summary>
    public void Complete() => _line.Writer.Complete();

    /// <summary>Writes the compressed pieces as they come, until there are no more.</summary>
    public async Task WriteToAsync(Stream destination, CancellationToken cancellationToken)
    {
        await foreach (var (piece, encoding) in _line.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await encoding;
                await destination.WriteAsync(piece.Encoded, cancellationToken);
            }
            finally
            {
                await GiveBackAsync(piece, encoding);
            }
        }
    }

    /// <summary>Gives back what will not be written any more; after <see cref="Complete"/>.</summary>
    public async Task ClearAsync()
    {
        while (_line.Reader.TryRead(out var left))
        {
            await GiveBackAsync(left.Piece, left.Encoding);
        }
    }

    private async Task GiveBackAsync(Piece piece, Task encoding)
    {
        // A thread may be busy with it yet.
        await encoding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stock.Return(piece, _share);
    }
}

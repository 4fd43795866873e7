using Nixery.Packing.Encoders;

namespace Nixery.Packing;

/// <summary>
/// All the memory there is for packing, as pieces. Who finds none waits, and is served in order of arrival; since a layer asks for its
/// pieces one by one, layers take turns piece by piece, and a small one does not wait for the end of a huge one.
/// </summary>
internal sealed class PieceStock
{
    /// <summary>With fewer, reading, compressing and writing would wait for each other.</summary>
    private const int Fewest = 4;

    private readonly Lock _gate = new();
    private readonly Stack<Piece> _free = [];
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly PieceFormat _format;
    private int _made;

    public PieceStock(PieceFormat format, long memoryBytes)
    {
        _format = format;
        Count = (int)Math.Max(Fewest, memoryBytes / (format.PieceBytes + format.MostEncodedBytes));
    }

    public int Count { get; }

    /// <summary>How many pieces nobody has; all of them when nothing is being packed.</summary>
    public int Free
    {
        get
        {
            lock (_gate)
            {
                return _free.Count + Count - _made;
            }
        }
    }

    /// <summary>How many layers wait for a piece.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>An empty piece for a layer. Blocks until there is one, and the layer has fewer than it may have.</summary>
    public Piece Take(PieceShare share, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (TryTake(share) is { } free)
            {
                return free;
            }

            waiter = new Waiter(share);
            _waiting.AddLast(waiter);
        }

        using (waiter)
        {
            try
            {
                waiter.Served.Wait(cancellationToken);
                return waiter.Piece!;
            }
            catch (OperationCanceledException)
            {
                Leave(waiter);
                throw;
            }
        }
    }

    /// <summary>Gives back what was taken for this layer.</summary>
    public void Return(Piece piece, PieceShare share)
    {
        piece.Clear();
        lock (_gate)
        {
            share.Taken--;
            _free.Push(piece);
            for (var next = _waiting.First; next is not null && _free.Count + Count - _made > 0;)
            {
                var (waiter, after) = (next.Value, next.Next);
                // Who has as many as it may have is served when one of its own comes back.
                if (TryTake(waiter.Share) is { } taken)
                {
                    waiter.Piece = taken;
                    waiter.Served.Set();
                    _waiting.Remove(next);
                }

                next = after;
            }
        }
    }

    private Piece? TryTake(PieceShare share)
    {
        if (share.Taken >= share.Most)
        {
            return null;
        }

        // The last piece given back is the next one taken; a new one is made only when all are in use.
        if (!_free.TryPop(out var piece))
        {
            if (_made == Count)
            {
                return null;
            }

            piece = new Piece(_format.PieceBytes, _format.MostEncodedBytes);
            _made++;
        }

        share.Taken++;
        return piece;
    }

    private void Leave(Waiter waiter)
    {
        lock (_gate)
        {
            _waiting.Remove(waiter);
        }

        // It may have been served in the moment that it gave up.
        if (waiter.Piece is { } piece)
        {
            Return(piece, waiter.Share);
        }
    }

    private sealed class Waiter(PieceShare share) : IDisposable
    {
        public PieceShare Share { get; } = share;

        /// <summary>Does not spin before it sleeps: all processors have work that is not waiting.</summary>
        public ManualResetEventSlim Served { get; } = new(initialState: false, spinCount: 0);

        public Piece? Piece { get; set; }

        public void Dispose() => Served.Dispose();
    }
}

/// <summary>What of the stock one layer has, and the most that it may have at a time.</summary>
internal sealed class PieceShare(int most)
{
    public int Most { get; } = most;

    /// <summary>Belongs to the stock.</summary>
    public int Taken { get; set; }
}

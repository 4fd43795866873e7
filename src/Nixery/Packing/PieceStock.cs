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

    public PieceStock(PieceFormat format, long memoryBytes)
    {
        Count = (int)Math.Max(Fewest, memoryBytes / (format.PieceBytes + format.MostEncodedBytes));
        for (var i = 0; i < Count; i++)
        {
            // All at once: memory that was never written to costs nothing yet, and the last piece given back is the next one taken.
            _free.Push(new Piece(format.PieceBytes, format.MostEncodedBytes));
        }
    }

    public int Count { get; }

    /// <summary>How many pieces nobody has; all of them when nothing is being packed.</summary>
    public int Free
    {
        get
        {
            lock (_gate)
            {
                return _free.Count;
            }
        }
    }

    /// <summary>An empty piece. Blocks until there is one; who takes it gives it back.</summary>
    public Piece Take(CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            // Whenever somebody waits there is none free.
            if (_free.TryPop(out var free))
            {
                return free;
            }

            waiter = new Waiter();
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

    public void Return(Piece piece)
    {
        piece.Clear();
        lock (_gate)
        {
            if (_waiting.First is not { Value: var next })
            {
                _free.Push(piece);
                return;
            }

            _waiting.RemoveFirst();
            next.Piece = piece;
            next.Served.Set();
        }
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
            Return(piece);
        }
    }

    private sealed class Waiter : IDisposable
    {
        public ManualResetEventSlim Served { get; } = new();

        public Piece? Piece { get; set; }

        public void Dispose() => Served.Dispose();
    }
}

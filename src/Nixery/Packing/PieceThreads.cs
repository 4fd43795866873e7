using Nixery.Packing.Encoders;

namespace Nixery.Packing;

/// <summary>
/// Compresses pieces on a thread a processor, of all layers in order of arrival. Threads of its own and not the pool's, where answers
/// to clients would wait behind pieces.
/// </summary>
internal sealed class PieceThreads : IDisposable
{
    // Monitor and not a collection that blocks: those spin before they sleep, on processors that have pieces to compress.
    private readonly Queue<Job> _jobs = [];
    private readonly Thread[] _threads;
    private bool _ending;

    public PieceThreads(PieceFormat format, int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Work(format)) { IsBackground = true, Name = $"packing {i}" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Ends when the piece is compressed. It belongs to the threads until then.</summary>
    public Task EncodeAsync(Piece piece)
    {
        var job = new Job(piece);
        lock (_jobs)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            _jobs.Enqueue(job);
            Monitor.Pulse(_jobs);
        }

        return job.Done.Task;
    }

    /// <summary>Finishes what was begun.</summary>
    public void Dispose()
    {
        lock (_jobs)
        {
            _ending = true;
            Monitor.PulseAll(_jobs);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work(PieceFormat format)
    {
        using var encoder = format.CreateEncoder();
        while (Next() is { } job)
        {
            Encode(job, encoder);
        }
    }

    private Job? Next()
    {
        lock (_jobs)
        {
            while (_jobs.Count == 0)
            {
                if (_ending)
                {
                    return null;
                }

                Monitor.Wait(_jobs);
            }

            return _jobs.Dequeue();
        }
    }

    /// <summary>A fault belongs to the layer that waits for the piece; the thread goes on with the others.</summary>
    private static void Encode(Job job, IPieceEncoder encoder)
    {
        var encoding = new Task(() => job.Piece.Encode(encoder));
        encoding.RunSynchronously(TaskScheduler.Default);
        job.Done.SetFromTask(encoding);
    }

    private sealed record Job(Piece Piece)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

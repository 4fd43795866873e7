using System.Collections.Concurrent;
using Nixery.Packing.Encoders;

namespace Nixery.Packing;

/// <summary>
/// Compresses pieces on a thread a processor, of all layers in order of arrival. Threads of its own and not the pool's, where answers
/// to clients would wait behind pieces.
/// </summary>
internal sealed class PieceThreads : IDisposable
{
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Thread[] _threads;

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
        _jobs.Add(job);
        return job.Done.Task;
    }

    /// <summary>Finishes what was begun.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _jobs.Dispose();
    }

    private void Work(PieceFormat format)
    {
        using var encoder = format.CreateEncoder();
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            Encode(job, encoder);
        }
    }

    private static void Encode(Job job, IPieceEncoder encoder)
    {
        try
        {
            job.Piece.Encode(encoder);
            job.Done.SetResult();
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            // The encoder's own refusal belongs to the layer; the thread goes on with the others.
            job.Done.SetException(e);
        }
    }

    private sealed record Job(Piece Piece)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

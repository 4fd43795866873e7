using System.Collections.Concurrent;
using Nixery.Oci;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Blobs that images are being made of on this server, and that no record of an image names yet: to make room for an image by letting
/// go of its own layers would help nobody. Builds of other servers find out by <see cref="Condemned"/>, and make again what went.
/// </summary>
internal sealed class BlobsInUse
{
    private readonly ConcurrentDictionary<Digest, int> _holds = new();

    public IReadOnlyCollection<Digest> All => [.. _holds.Where(h => h.Value > 0).Select(h => h.Key)];

    public BlobHold Begin() => new(this);

    internal void Add(Digest digest) => _holds.AddOrUpdate(digest, 1, (_, count) => count + 1);

    internal void Remove(Digest digest)
    {
        if (_holds.AddOrUpdate(digest, 0, (_, count) => count - 1) == 0)
        {
            // Unless somebody has added it this very moment.
            _holds.TryRemove(new(digest, 0));
        }
    }
}

/// <summary>What one build uses, until it is disposed.</summary>
internal sealed class BlobHold : IDisposable
{
    private readonly BlobsInUse? _blobs;
    private readonly ConcurrentQueue<Digest> _held = new();

    internal BlobHold(BlobsInUse? blobs) => _blobs = blobs;

    /// <summary>For work that need not end in an image: what it makes is left in peace for a while anyway.</summary>
    public static BlobHold Nothing { get; } = new(null);

    public void Add(Digest digest)
    {
        if (_blobs is not null)
        {
            _blobs.Add(digest);
            _held.Enqueue(digest);
        }
    }

    public void Dispose()
    {
        while (_held.TryDequeue(out var digest))
        {
            _blobs!.Remove(digest);
        }
    }
}

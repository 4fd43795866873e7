using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Counts what is stored, so that no blob comes into sight above the limit: by a list of all now and then, and in between by what this
/// server adds. Of what others add it knows after a minute, or after it has added a hundredth of the limit itself; so servers together go
/// over the limit by a hundredth each at most.
/// </summary>
internal sealed class StorageRoom(StorageLook look, EvictionLoop evictions, KeepingOptions options, TimeProvider time) : IStorageRoom, IDisposable
{
    private const int Hundredth = 100;
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);

    /// <summary>A client waits for its build at that moment.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>While another server makes room.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _counting = new(1);
    private long _counted;
    private long _added;
    private long _onTheWay;
    private long _generation;
    private long? _countedAt;

    public async Task<IDisposable> TakeAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        if (sizeBytes > options.MaxBytes)
        {
            throw new StorageFullException($"this image has a layer of {sizeBytes} bytes, which is larger than all that this registry may store ({options.MaxBytes} bytes)");
        }

        var begun = time.GetTimestamp();
        var generation = await CountIfDueAsync(cancellationToken);
        string? shortage = null;
        while (true)
        {
            if (TryTake(sizeBytes) is { } taken)
            {
                return taken;
            }

            if (shortage is not null || time.GetElapsedTime(begun) > LongestWait)
            {
                break;
            }

            // What this server believes may be old: somebody may have made room.
            generation = await CountAsync(generation, cancellationToken);
            if (HasNot(sizeBytes))
            {
                shortage = await evictions.MakeRoomAsync(sizeBytes, LongestWait - time.GetElapsedTime(begun), cancellationToken);
                generation = await CountAsync(generation, cancellationToken);
                await Task.Delay(HasNot(sizeBytes) ? LookEvery : TimeSpan.Zero, time, cancellationToken);
            }
        }

        throw new StorageFullException(
            shortage ?? $"the storage of this registry has reached its limit of {options.MaxBytes} bytes, and room is being made; ask again in a while");
    }

    public void Dispose() => _counting.Dispose();

    private bool HasNot(long sizeBytes)
    {
        lock (_gate)
        {
            return _counted + _added + _onTheWay + sizeBytes > options.MaxBytes;
        }
    }

    private Taken? TryTake(long sizeBytes)
    {
        lock (_gate)
        {
            var after = _counted + _added + _onTheWay + sizeBytes;
            if (options.IsFull(after))
            {
                evictions.Wake();
            }

            if (after > options.MaxBytes)
            {
                return null;
            }

            _onTheWay += sizeBytes;
            return new Taken(this, sizeBytes);
        }
    }

    /// <summary>What did not come into sight in the end counts until all is counted again.</summary>
    private void HasCome(long sizeBytes)
    {
        lock (_gate)
        {
            _onTheWay -= sizeBytes;
            _added += sizeBytes;
        }
    }

    private async Task<long> CountIfDueAsync(CancellationToken cancellationToken)
    {
        long generation;
        lock (_gate)
        {
            generation = _generation;
            if (_countedAt is { } at && time.GetElapsedTime(at) < CountEvery && _added < options.MaxBytes / Hundredth)
            {
                return generation;
            }
        }

        return await CountAsync(generation, cancellationToken);
    }

    /// <summary>Counts anew, unless somebody has since <paramref name="known"/>; many that wait count once.</summary>
    private async Task<long> CountAsync(long known, CancellationToken cancellationToken)
    {
        await _counting.WaitAsync(cancellationToken);
        try
        {
            long before;
            lock (_gate)
            {
                if (_generation != known)
                {
                    return _generation;
                }

                before = _added;
            }

            var bytes = await look.CountAsync(cancellationToken);
            lock (_gate)
            {
                _counted = bytes;
                // What was added while it was counted may be in it or not.
                _added -= before;
                _countedAt = time.GetTimestamp();
                return ++_generation;
            }
        }
        finally
        {
            _counting.Release();
        }
    }

    private sealed class Taken(StorageRoom room, long sizeBytes) : IDisposable
    {
        public void Dispose() => room.HasCome(sizeBytes);
    }
}

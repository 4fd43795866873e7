using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// Counts what is stored, so that no blob comes into sight above the limit: by a list of all now and then, and in between by what this
/// server adds. What other servers add meanwhile it does not know; so near the limit, and for what is large, blobs come into sight one
/// at a time over all servers, each after a new list.
/// </summary>
internal sealed class StorageRoom(StorageLook look, ILeases leases, EvictionLoop evictions, KeepingOptions options, TimeProvider time) : IStorageRoom, IDisposable
{
    /// <summary>Up to this part of the limit a server goes on by its own count.</summary>
    private const double Near = 0.90;

    /// <summary>And with this part of it on the way: other servers do not see what is on the way.</summary>
    private const double Large = 0.03;

    private const int Hundredth = 100;
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);

    /// <summary>A client waits for its build at that moment.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>While another server makes room.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>While another blob comes into sight.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private static readonly RecordKey Turn = RecordKey.Of("lease", "room");

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _counting = new(1);
    private long _counted;
    private long _added;
    private long _onTheWay;
    private long? _countedAt;

    public async Task<IAsyncDisposable> TakeAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        if (sizeBytes > options.MaxBytes)
        {
            throw new StorageFullException($"this image has a layer of {sizeBytes} bytes, which is larger than all that this registry may store ({options.MaxBytes} bytes)");
        }

        await CountIfDueAsync(cancellationToken);
        return TryTakeFar(sizeBytes) ?? await TakeNearAsync(sizeBytes, cancellationToken);
    }

    private async Task<IAsyncDisposable> TakeNearAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        string? shortage = null;
        while (shortage is null && time.GetElapsedTime(begun) < LongestWait)
        {
            if (await leases.TryTakeAsync(Turn, cancellationToken) is not { } turn)
            {
                await Task.Delay(AskEvery, time, cancellationToken);
            }
            else if (await TryTakeInTurnAsync(sizeBytes, turn, cancellationToken) is { } taken)
            {
                return taken;
            }
            else
            {
                shortage = await evictions.MakeRoomAsync(sizeBytes, LongestWait - time.GetElapsedTime(begun), cancellationToken);
                await Task.Delay(shortage is null ? LookEvery : TimeSpan.Zero, time, cancellationToken);
            }
        }

        throw new StorageFullException(
            shortage ?? $"the storage of this registry has reached its limit of {options.MaxBytes} bytes, and room is being made; ask again in a while");
    }

    /// <summary>The turn goes with what is taken, until it has come into sight; where nothing is, it ends here.</summary>
    private async Task<Taken?> TryTakeInTurnAsync(long sizeBytes, IAsyncDisposable turn, CancellationToken cancellationToken)
    {
        Taken? taken = null;
        try
        {
            await CountAsync(() => true, cancellationToken);
            return taken = TryTake(sizeBytes, turn);
        }
        finally
        {
            if (taken is null)
            {
                await turn.DisposeAsync();
            }
        }
    }

    public void Dispose() => _counting.Dispose();

    /// <summary>Null where the limit is near, or this is much.</summary>
    private Taken? TryTakeFar(long sizeBytes)
    {
        lock (_gate)
        {
            return After(sizeBytes) <= options.MaxBytes * Near && _onTheWay + sizeBytes <= options.MaxBytes * Large ? TryTake(sizeBytes, null) : null;
        }
    }

    private Taken? TryTake(long sizeBytes, IAsyncDisposable? turn)
    {
        lock (_gate)
        {
            if (options.IsFull(After(sizeBytes)))
            {
                evictions.Wake();
            }

            if (After(sizeBytes) > options.MaxBytes)
            {
                return null;
            }

            _onTheWay += sizeBytes;
            return new Taken(this, sizeBytes, turn);
        }
    }

    private long After(long sizeBytes) => _counted + _added + _onTheWay + sizeBytes;

    /// <summary>What did not come into sight in the end counts until all is counted again.</summary>
    private void HasCome(long sizeBytes)
    {
        lock (_gate)
        {
            _onTheWay -= sizeBytes;
            _added += sizeBytes;
        }
    }

    private Task CountIfDueAsync(CancellationToken cancellationToken) => IsDue() ? CountAsync(IsDue, cancellationToken) : Task.CompletedTask;

    private bool IsDue()
    {
        lock (_gate)
        {
            return _countedAt is not { } at || time.GetElapsedTime(at) >= CountEvery || _added >= options.MaxBytes / Hundredth;
        }
    }

    /// <param name="isNeeded">Asked once more when it is this one's turn: somebody may have counted meanwhile, for all who came.</param>
    private async Task CountAsync(Func<bool> isNeeded, CancellationToken cancellationToken)
    {
        await _counting.WaitAsync(cancellationToken);
        try
        {
            if (isNeeded())
            {
                await CountNowAsync(cancellationToken);
            }
        }
        finally
        {
            _counting.Release();
        }
    }

    private async Task CountNowAsync(CancellationToken cancellationToken)
    {
        long before;
        lock (_gate)
        {
            before = _added;
        }

        var bytes = await look.CountAsync(cancellationToken);
        lock (_gate)
        {
            _counted = bytes;
            // What was added while it was counted may be in it or not.
            _added -= before;
            _countedAt = time.GetTimestamp();
        }
    }

    private sealed class Taken(StorageRoom room, long sizeBytes, IAsyncDisposable? turn) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            room.HasCome(sizeBytes);
            if (turn is not null)
            {
                await turn.DisposeAsync();
            }
        }
    }
}

using System.Collections.Concurrent;

namespace Nixery.Storage;

/// <summary>Leases among those who share the memory of one process.</summary>
public sealed class MemoryLeases : ILeases
{
    private readonly ConcurrentDictionary<(string Kind, string Hex), Lease> _taken = [];

    public Task<IAsyncDisposable?> TryTakeAsync(RecordKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var lease = new Lease(_taken, (key.Kind, key.Hex));
        return Task.FromResult<IAsyncDisposable?>(_taken.TryAdd((key.Kind, key.Hex), lease) ? lease : null);
    }

    private sealed class Lease(ConcurrentDictionary<(string Kind, string Hex), Lease> taken, (string Kind, string Hex) name) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            // Given back twice it is not taken from whoever has it next.
            taken.TryRemove(new(name, this));
            return ValueTask.CompletedTask;
        }
    }
}

namespace Nixery.Storage;

/// <summary>
/// Lets one of several servers over the same storage do a thing. It saves work and guards nothing: where a medium cannot tell who was
/// first, or an owner hangs for longer than its lease, two do the same, with the same outcome.
/// </summary>
public interface ILeases
{
    /// <summary>
    /// Null while another has it. Disposal gives it back; it comes free, too, when its owner has died.
    /// </summary>
    Task<IAsyncDisposable?> TryTakeAsync(RecordKey key, CancellationToken cancellationToken);
}

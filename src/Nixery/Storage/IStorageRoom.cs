namespace Nixery.Storage;

/// <summary>Knows how much may be stored still.</summary>
internal interface IStorageRoom
{
    /// <summary>Takes so many bytes of it before they come into sight; waits while room is being made.</summary>
    /// <returns>To be disposed when they have come into sight, or will not.</returns>
    /// <exception cref="StorageFullException">There is none, and none can be made for now.</exception>
    Task<IAsyncDisposable> TakeAsync(long sizeBytes, CancellationToken cancellationToken);
}

/// <summary>The limit of the storage is reached and nothing in it may go. Its message is for the client.</summary>
internal sealed class StorageFullException(string message) : IOException(message);

namespace Nixery.Storage;

/// <summary>A blob store that keeps what a killed server had begun to upload, until somebody ends it.</summary>
public interface IUnfinishedUploads
{
    /// <summary>Ends uploads that nobody has completed and that began before <paramref name="before"/>; returns how many.</summary>
    Task<int> AbandonAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

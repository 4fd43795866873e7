using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>A blob store that can tell what it has and let go of it.</summary>
public interface IBlobInventory
{
    /// <summary>Every committed blob, in no order that counts. What is committed or deleted meanwhile may be in it or not.</summary>
    IAsyncEnumerable<ListedBlob> ListAsync(CancellationToken cancellationToken);

    /// <summary>Whoever reads it now reads on, where the medium allows. Deleting what is not there is success.</summary>
    Task DeleteAsync(Digest digest, CancellationToken cancellationToken);
}

/// <param name="Written">When it was committed, by the clock of the medium.</param>
public sealed record ListedBlob(Digest Digest, long SizeBytes, DateTimeOffset Written);

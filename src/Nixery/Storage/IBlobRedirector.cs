using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>A blob store from which clients can fetch by themselves.</summary>
public interface IBlobRedirector
{
    /// <summary>
    /// Whether clients are likely to reach the address: the store is a cloud's own, or the operator said what clients call it.
    /// </summary>
    bool IsForClients { get; }

    /// <summary>An address that gives this blob to anybody who has it, for a while; null when there is none to give.</summary>
    ValueTask<Uri?> FindAddressAsync(Digest digest, CancellationToken cancellationToken);
}

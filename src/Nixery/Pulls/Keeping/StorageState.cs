using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>What there is in the storage.</summary>
/// <param name="Strays">Manifests that no record names, and what they name: of builds that ended too early.</param>
/// <param name="InUse">What this server makes images of just now.</param>
internal sealed record StorageState(
    IReadOnlyList<ImageInStore> Images,
    IReadOnlyDictionary<Digest, ListedBlob> Blobs,
    IReadOnlyDictionary<Digest, IReadOnlyList<Digest>> Strays,
    IReadOnlyCollection<Digest> InUse,
    long RecordBytes)
{
    public long UsedBytes => RecordBytes + Blobs.Values.Sum(b => b.SizeBytes);
}

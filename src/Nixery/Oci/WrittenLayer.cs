namespace Nixery.Oci;

/// <summary>A layer that is stored.</summary>
/// <param name="Digest">Of the stored, compressed bytes.</param>
/// <param name="SizeBytes">How many they are.</param>
/// <param name="DiffId">Digest of the bare tar.</param>
public sealed record WrittenLayer(Digest Digest, long SizeBytes, Digest DiffId);

namespace Nixery.Packing;

/// <summary>What was read of the store is not what Nix has registered: it was being deleted, or is damaged.</summary>
internal sealed class StoreObjectChangedException(string message) : IOException(message);

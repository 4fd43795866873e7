namespace Nixery.Storage;

/// <summary>What a kind of storage brings: where blobs and records are kept, and who does what. One is chosen, where the server is put together.</summary>
public sealed record Warehouse(IBlobStore Blobs, IRecordStore Records, ILeases Leases);

namespace Nixery.Storage;

/// <summary>What is kept in memory is counted with what keeping it takes.</summary>
public static class Remembered
{
    /// <summary>Bytes of an entry besides its content: the key with its digest, the entry and its place in the cache. Measured: 412 for a record.</summary>
    public const int EntryBytes = 450;
}

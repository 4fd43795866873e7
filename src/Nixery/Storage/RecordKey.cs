using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Nixery.Storage;

/// <summary>
/// Names one record: its kind and the SHA-256 of what identifies it. The parts are joined with their lengths, so that
/// <c>["ab", "c"]</c> and <c>["a", "bc"]</c> differ.
/// </summary>
public sealed record RecordKey
{
    private RecordKey(string kind, string hex)
    {
        Kind = kind;
        Hex = hex;
    }

    /// <summary>A word of ours such as <c>image</c> or <c>layer</c>; never from outside.</summary>
    public string Kind { get; }

    /// <summary>64 lower-case hex digits.</summary>
    public string Hex { get; }

    /// <summary>
    /// Whether another server that shares the storage may write it anew at any time, so that what was read a while ago says little.
    /// </summary>
    public bool MayChange { get; private init; }

    /// <summary>A record that is read from the storage each time, never from this server's memory.</summary>
    public static RecordKey Changing(string kind, params IEnumerable<string> parts) => Of(kind, parts) with { MayChange = true };

    /// <summary>A key as a store has kept it; null for what is none.</summary>
    internal static RecordKey? FromHex(string kind, string hex) =>
        hex.Length == 64 && hex.All(char.IsAsciiHexDigitLower) ? new RecordKey(kind, hex) : null;

    /// <summary>The same record, read from the storage: a list of all would put out of memory what pulls need.</summary>
    internal RecordKey PastMemory() => this with { MayChange = true };

    public static RecordKey Of(string kind, params IEnumerable<string> parts)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return new RecordKey(kind, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

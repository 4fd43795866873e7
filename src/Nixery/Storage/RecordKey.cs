using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Nixery.Storage;

/// <summary>
/// Names one record: its kind and the SHA-256 of what identifies it. The parts are joined with their lengths, so that
/// <c>["ab", "c"]</c> and <c>["a", "bc"]</c> differ.
/// </summary>
public sealed record RecordKey
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private RecordKey(string kind, string hex)
    {
        Kind = kind;
        Hex = hex;
    }

    /// <summary>A word of ours such as <c>image</c> or <c>layer</c>; never from outside.</summary>
    public string Kind { get; }

    /// <summary>64 lower-case hex digits.</summary>
    public string Hex { get; }

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

    /// <summary>A key as a store has written it down.</summary>
    public static bool TryParse(string kind, string hex, [NotNullWhen(true)] out RecordKey? key)
    {
        var wellFormed = hex.Length == SHA256.HashSizeInBytes * 2 && hex.AsSpan().IndexOfAnyExcept(HexDigits) < 0;
        key = wellFormed ? new RecordKey(kind, hex) : null;
        return wellFormed;
    }
}

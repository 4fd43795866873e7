using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Nixery.Storage.Gcs;

/// <summary>The checksum that Google Cloud Storage keeps of each object: CRC-32C (RFC 3720), by the processor's own instruction.</summary>
internal sealed class Crc32c
{
    private uint _state = uint.MaxValue;

    public void Append(ReadOnlySpan<byte> content)
    {
        var state = _state;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(content))
        {
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var last in content[(content.Length & ~7)..])
        {
            state = BitOperations.Crc32C(state, last);
        }

        _state = state;
    }

    /// <summary>As the store writes it: base64 of the four bytes, most significant first.</summary>
    public string ToBase64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~_state);
        return Convert.ToBase64String(bytes);
    }
}

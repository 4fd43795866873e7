using System.Buffers;
using System.Buffers.Binary;

namespace Nixery.Doubles;

/// <summary>CRC-32C by the table of the textbook, to check the one that the product has from the processor.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        var value = (uint)i;
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value >> 1) ^ ((value & 1) * 0x82F63B78);
        }

        return value;
    })];

    public static async Task<string> OfAsync(string path, CancellationToken cancellationToken)
    {
        var crc = uint.MaxValue;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        await using var file = File.OpenRead(path);
        while (await file.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            for (var i = 0; i < read; i++)
            {
                crc = (crc >> 8) ^ Table[(byte)(crc ^ buffer[i])];
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        return Convert.ToBase64String(bytes);
    }
}

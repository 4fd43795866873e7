using System.Runtime.InteropServices;

namespace Nixery.Tests.Packing;

/// <summary>Reads one frame that says its length, with the system's libzstd.</summary>
internal static partial class ZstdReader
{
    private const string Library = "libzstd.so.1";

    public static byte[] Decode(byte[] frame)
    {
        var decoded = new byte[FrameContentSize(frame, (nuint)frame.Length)];
        var length = Decompress(decoded, (nuint)decoded.Length, frame, (nuint)frame.Length);
        length.Should().Be((nuint)decoded.Length);
        return decoded;
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_getFrameContentSize")]
    private static partial ulong FrameContentSize(ReadOnlySpan<byte> frame, nuint frameBytes);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompress")]
    private static partial nuint Decompress(Span<byte> destination, nuint destinationBytes, ReadOnlySpan<byte> frame, nuint frameBytes);
}

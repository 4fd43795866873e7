using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nixery.Packing.Encoders;

/// <summary>The system's libdeflate: https://github.com/ebiggers/libdeflate/blob/master/libdeflate.h</summary>
internal static partial class Libdeflate
{
    /// <summary>The name that the dynamic linker knows it by.</summary>
    public const string Library = "libdeflate.so.0";

    public const int HighestLevel = 12;

    [LibraryImport(Library, EntryPoint = "libdeflate_alloc_compressor")]
    public static partial Compressor AllocateCompressor(int level);

    /// <returns>0 when the destination is too small.</returns>
    [LibraryImport(Library, EntryPoint = "libdeflate_gzip_compress")]
    public static partial nuint GzipCompress(
        Compressor compressor, ReadOnlySpan<byte> source, nuint sourceBytes, Span<byte> destination, nuint destinationBytes);

    [LibraryImport(Library, EntryPoint = "libdeflate_gzip_compress_bound")]
    public static partial nuint GzipCompressBound(Compressor compressor, nuint sourceBytes);

    [LibraryImport(Library, EntryPoint = "libdeflate_free_compressor")]
    private static partial void FreeCompressor(nint compressor);

    internal sealed class Compressor() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeCompressor(handle);
            return true;
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nixery.Packing.Encoders;

/// <summary>The system's libzstd: https://facebook.github.io/zstd/zstd_manual.html</summary>
internal static partial class Zstd
{
    /// <summary>The name that the dynamic linker knows it by.</summary>
    public const string Library = "libzstd.so.1";

    /// <summary>Beyond it a compressor takes hundreds of megabytes.</summary>
    public const int HighestLevel = 19;

    /// <summary>As <c>10504</c> for 1.5.4.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_versionNumber")]
    public static partial uint VersionNumber();

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial Context CreateContext();

    /// <returns>How much was written, or what <see cref="IsError"/> knows.</returns>
    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    public static partial nuint Compress(
        Context context, Span<byte> destination, nuint destinationBytes, ReadOnlySpan<byte> source, nuint sourceBytes, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint CompressBound(nuint sourceBytes);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeContext(nint context);

    internal sealed class Context() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => IsError(FreeContext(handle)) == 0;
    }
}

using System.Runtime.InteropServices;
using Nixery.Oci;

namespace Nixery.Packing.Encoders;

/// <summary>A library that compresses.</summary>
/// <param name="Name">What it makes, its own name, and its version where it tells it.</param>
/// <param name="Compression">What a client must know of.</param>
/// <param name="PieceBytes">The length of each piece but the last.</param>
/// <param name="MostEncodedBytes">The most that a piece can come to.</param>
/// <param name="Create">Makes an encoder of a level; the caller disposes it.</param>
internal sealed record EncoderKind(
    string Name, LayerCompression Compression, int PieceBytes, int MostEncodedBytes, Func<int, IPieceEncoder> Create)
{
    /// <summary>Whether the dynamic linker finds a library of the system.</summary>
    public static bool IsInstalled(string library) => NativeLibrary.TryLoad(library, out _);
}

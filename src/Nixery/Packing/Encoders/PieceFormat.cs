using Nixery.Oci;

namespace Nixery.Packing.Encoders;

/// <summary>How tars become layers: in pieces of a fixed size, each compressed on its own.</summary>
/// <param name="Identity">
/// Encoder, level, piece size and the mark of its bytes: whatever decides about the bytes of a layer besides its tar. Part of each
/// layer's key.
/// </param>
/// <param name="Compression">What a client must know of.</param>
/// <param name="PieceBytes">The length of each piece but the last.</param>
/// <param name="MostEncodedBytes">The most that a piece can come to.</param>
/// <param name="CreateEncoder">Makes one more encoder; the caller disposes it.</param>
internal sealed record PieceFormat(
    string Identity, LayerCompression Compression, int PieceBytes, int MostEncodedBytes, Func<IPieceEncoder> CreateEncoder)
{
    /// <summary>The format that the options ask for; what they ask for must be there, see <see cref="FindProblem"/>.</summary>
    public static PieceFormat Of(PackingOptions options) => Resolve(options.Encoder) switch
    {
        PackingEncoder.Libdeflate => LibdeflateEncoder.Format(options.Level ?? LibdeflateEncoder.DefaultLevel),
        PackingEncoder.Zstd => ZstdEncoder.Format(options.Level ?? ZstdEncoder.DefaultLevel),
        _ => BclEncoder.Format(options.Level ?? BclEncoder.DefaultLevel),
    };

    /// <summary>Why layers cannot be packed as the options say, as a sentence, or null.</summary>
    public static string? FindProblem(PackingOptions options)
    {
        var encoder = Resolve(options.Encoder);
        var (highest, library, package, isInstalled) = encoder switch
        {
            PackingEncoder.Libdeflate => (Libdeflate.HighestLevel, Libdeflate.Library, "libdeflate0", Libdeflate.IsInstalled),
            PackingEncoder.Zstd => (Zstd.HighestLevel, Zstd.Library, "libzstd1", Zstd.IsInstalled),
            _ => (BclEncoder.HighestLevel, ".NET", "", true),
        };
        return !isInstalled ? $"Nixery:Packing:Encoder is '{encoder}', which needs {library}, and this system has it not; on Debian: apt-get install {package}"
            : options.Level is { } level && (level < 1 || level > highest) ? $"Nixery:Packing:Level is {level}; {encoder} has the levels 1 to {highest}"
            : null;
    }

    /// <summary>Layers are gzip by default, which all clients read: by the fastest that is there.</summary>
    private static PackingEncoder Resolve(PackingEncoder encoder) => encoder != PackingEncoder.Auto ? encoder
        : Libdeflate.IsInstalled ? PackingEncoder.Libdeflate
        : PackingEncoder.Bcl;

    /// <summary>Names a format by what is known of it and by what its bytes are.</summary>
    /// <param name="name">Encoder, its version where it tells it, and the level.</param>
    public static PieceFormat Named(string name, LayerCompression compression, int pieceBytes, int mostEncodedBytes, Func<IPieceEncoder> createEncoder)
    {
        using var encoder = createEncoder();
        return new PieceFormat($"{name}-{pieceBytes / 1024}k-{EncoderMark.Of(encoder)}", compression, pieceBytes, mostEncodedBytes, createEncoder);
    }
}

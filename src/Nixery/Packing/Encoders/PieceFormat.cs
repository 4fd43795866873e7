using System.Globalization;
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
    public static PieceFormat Of(PackingOptions options) => Resolve(options.Encoder, EncoderKind.IsInstalled) switch
    {
        PackingEncoder.Libdeflate => Of(LibdeflateEncoder.Kind(), options.Level ?? LibdeflateEncoder.DefaultLevel),
        PackingEncoder.Zstd => Of(ZstdEncoder.Kind(), options.Level ?? ZstdEncoder.DefaultLevel),
        _ => Of(BclEncoder.Kind, options.Level ?? BclEncoder.DefaultLevel),
    };

    /// <summary>Why layers cannot be packed as the options say, as a sentence, or null.</summary>
    /// <param name="isInstalled">Whether there is a library of this name.</param>
    public static string? FindProblem(PackingOptions options, Predicate<string> isInstalled)
    {
        var encoder = Resolve(options.Encoder, isInstalled);
        var (highest, library, package) = encoder switch
        {
            PackingEncoder.Libdeflate => (Libdeflate.HighestLevel, Libdeflate.Library, "libdeflate0"),
            PackingEncoder.Zstd => (Zstd.HighestLevel, Zstd.Library, "libzstd1"),
            _ => (BclEncoder.HighestLevel, null, null),
        };
        return library is not null && !isInstalled(library)
            ? $"Nixery:Packing:Encoder is '{encoder}', which needs {library}, and this system has it not; on Debian: apt-get install {package}"
            : options.Level is { } level && (level < 1 || level > highest)
            ? string.Create(CultureInfo.InvariantCulture, $"Nixery:Packing:Level is {level}; {encoder} has the levels 1 to {highest}")
            : null;
    }

    private static PieceFormat Of(EncoderKind kind, decimal level)
    {
        var (lower, higher) = ((int)Math.Floor(level), (int)Math.Ceiling(level));
        using var low = kind.Create(lower);
        using var high = kind.Create(higher);
        var mark = EncoderMark.Of(lower == higher ? [low] : [low, high]);
        return new PieceFormat(
            string.Create(CultureInfo.InvariantCulture, $"{kind.Name}-{level:0.######}-{kind.PieceBytes / 1024}k-{mark}"),
            kind.Compression,
            kind.PieceBytes,
            kind.MostEncodedBytes,
            () => lower == higher ? kind.Create(lower) : new BetweenLevels(kind.Create(lower), kind.Create(higher), level - lower));
    }

    /// <summary>Layers are gzip by default, which all clients read: by the fastest that is there.</summary>
    private static PackingEncoder Resolve(PackingEncoder encoder, Predicate<string> isInstalled) => encoder != PackingEncoder.Auto ? encoder
        : isInstalled(Libdeflate.Library) ? PackingEncoder.Libdeflate
        : PackingEncoder.Bcl;
}

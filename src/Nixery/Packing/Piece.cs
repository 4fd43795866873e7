namespace Nixery.Packing;

/// <summary>A piece of a tar on its way through a layer: filled, compressed, written, and used again.</summary>
internal sealed class Piece(int pieceBytes, int mostEncodedBytes)
{
    private readonly byte[] _raw = GC.AllocateUninitializedArray<byte>(pieceBytes);
    private readonly byte[] _encoded = GC.AllocateUninitializedArray<byte>(mostEncodedBytes);
    private int _filled;
    private int _encodedBytes;

    public ReadOnlySpan<byte> Raw => _raw.AsSpan(0, _filled);

    public ReadOnlyMemory<byte> Encoded => _encoded.AsMemory(0, _encodedBytes);

    public bool IsFull => _filled == _raw.Length;

    /// <summary>Its place in its tar, from 0.</summary>
    public long Number { get; set; }

    public void Clear() => (_filled, _encodedBytes) = (0, 0);

    /// <summary>Takes the head of <paramref name="bytes"/>, as much as there is room for, and returns how much that was.</summary>
    public int Fill(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(bytes.Length, _raw.Length - _filled);
        bytes[..taken].CopyTo(_raw.AsSpan(_filled));
        _filled += taken;
        return taken;
    }

    /// <summary>Reads once from <paramref name="source"/> into the room that is left, and returns how much that was; 0 at its end.</summary>
    public int Fill(Stream source)
    {
        var taken = source.Read(_raw.AsSpan(_filled));
        _filled += taken;
        return taken;
    }

    public void Encode(Encoders.IPieceEncoder encoder) => _encodedBytes = encoder.Encode(Number, Raw, _encoded);
}

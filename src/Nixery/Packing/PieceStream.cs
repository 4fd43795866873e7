using System.Security.Cryptography;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Packing;

/// <summary>Cuts what is written to it into pieces, and knows the digest and the length of all of it.</summary>
internal sealed class PieceStream(PieceLine line, CancellationToken cancellationToken) : AppendingStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Piece? _piece;
    private long _handedOn;
    private long _number;

    public override long Length => _handedOn + (_piece?.Raw.Length ?? 0);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            _piece ??= line.Take(cancellationToken);
            buffer = buffer[_piece.Fill(buffer)..];
            if (_piece.IsFull)
            {
                HandOn(_piece);
            }
        }
    }

    /// <summary>Writes what <paramref name="source"/> gives at once, without a buffer between, and returns how much that was; 0 at its end.</summary>
    public int Fill(Stream source)
    {
        _piece ??= line.Take(cancellationToken);
        var read = _piece.Fill(source);
        if (_piece.IsFull)
        {
            HandOn(_piece);
        }

        return read;
    }

    /// <summary>Hands on the last piece. Once, after all was written.</summary>
    public PackedTar Finish()
    {
        if (_piece is { } last)
        {
            HandOn(last);
        }

        return new PackedTar(Digest.FromHash(_hash.GetCurrentHash()), _handedOn);
    }

    /// <summary>A piece that was begun and is not finished goes the way of the others; what is half is discarded at its end.</summary>
    protected override void Dispose(bool disposing)
    {
        if (_piece is { } begun)
        {
            HandOn(begun);
        }

        _hash.Dispose();
        base.Dispose(disposing);
    }

    private void HandOn(Piece piece)
    {
        _piece = null;
        piece.Number = _number++;
        _handedOn += piece.Raw.Length;
        _hash.AppendData(piece.Raw);
        line.Add(piece);
    }
}

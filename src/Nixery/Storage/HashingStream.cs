using System.Security.Cryptography;
using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>Passes on what is written to it and knows its SHA-256 and length. Leaves the inner stream open.</summary>
internal sealed class HashingStream(Stream inner) : AppendingStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override long Length => WrittenBytes;

    public long WrittenBytes { get; private set; }

    /// <summary>The digest of all that has been written so far.</summary>
    public Digest GetDigest() => Digest.FromHash(_hash.GetCurrentHash());

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Take(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        Take(buffer.Span);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> written)
    {
        _hash.AppendData(written);
        WrittenBytes += written.Length;
    }
}

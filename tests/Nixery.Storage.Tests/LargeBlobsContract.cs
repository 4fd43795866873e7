using System.Security.Cryptography;
using Nixery.Oci;

namespace Nixery.Storage.Tests;

/// <summary>What every blob store keeps that takes blobs of any size.</summary>
public abstract class LargeBlobsContract : BlobStoreContract
{
    private protected const long Mebibyte = 1024 * 1024;

    /// <summary>Bytes that may be allocated while 300 MB are written: none of them is in memory, but where they are kept there.</summary>
    private protected virtual long MostAllocated => 100 * Mebibyte;

    [Fact(Timeout = 60_000)]
    public async Task A_large_blob_is_streamed()
    {
        const int pieces = 300;
        var piece = RandomNumberGenerator.GetBytes(1024 * 1024);
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        StoredBlob stored;
        var before = GC.GetTotalAllocatedBytes();
        await using (var writer = await Store.CreateAsync(CancellationToken.None))
        {
            for (var i = 0; i < pieces; i++)
            {
                await writer.Content.WriteAsync(piece);
                expected.AppendData(piece);
            }

            stored = await writer.CommitAsync(CancellationToken.None);
        }

        stored.Should().Be(new StoredBlob(Digest.FromHash(expected.GetHashAndReset()), (long)pieces * piece.Length));
        await using var content = await Store.OpenAsync(stored.Digest, new ByteRange(299 * 1024 * 1024, null), CancellationToken.None);
        var last = new byte[piece.Length];
        await content!.ReadExactlyAsync(last);
        last.Should().Equal(piece);
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(MostAllocated, "a blob is nowhere but where it is kept");
    }
}

using System.IO.Pipelines;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server.Blobs;

/// <summary>A blob that is there, with what its answer says of it.</summary>
/// <param name="ManifestType">The type that a manifest says of itself; null when it is no manifest.</param>
internal abstract record FoundBlob(Digest Digest, string? ManifestType, long SizeBytes)
{
    public string MediaType => ManifestType ?? "application/octet-stream";

    /// <summary>Sends a part of it, all of that or an exception.</summary>
    /// <param name="range">Within the blob, its length not null.</param>
    /// <exception cref="IOException">The blob went away, or is shorter or longer than it was.</exception>
    public abstract ValueTask SendAsync(ByteRange range, PipeWriter body, CancellationToken cancellationToken);
}

/// <summary>One that is in memory.</summary>
internal sealed record KeptBlob(Digest Digest, string? ManifestType, ReadOnlyMemory<byte> Content) : FoundBlob(Digest, ManifestType, Content.Length)
{
    public override async ValueTask SendAsync(ByteRange range, PipeWriter body, CancellationToken cancellationToken) =>
        await body.WriteAsync(Content.Slice((int)range.Offset, (int)range.Length!.Value), cancellationToken);
}

/// <summary>One that goes from the store to the client piece by piece. Never a manifest: those are small.</summary>
internal sealed record StreamedBlob(Digest Digest, long SizeBytes, IBlobStore Store) : FoundBlob(Digest, ManifestType: null, SizeBytes)
{
    /// <summary>
    /// Large enough that disk and network are not held up by the calls between them. It is also what a client that does not
    /// read holds of our memory: a piece is on its way before the next one is read.
    /// </summary>
    private const int PieceBytes = 256 * 1024;

    public override async ValueTask SendAsync(ByteRange range, PipeWriter body, CancellationToken cancellationToken)
    {
        // Asked for to its end, so that a blob that is longer than it should be is noticed as one that is shorter is.
        var asked = range.Offset + range.Length == SizeBytes ? range with { Length = null } : range;
        await using var content = await OpenAsync(asked, cancellationToken);
        var left = range.Length!.Value;
        // Read into the memory that is sent from: no copy between the two.
        while (await content.ReadAsync(body.GetMemory(PieceBytes)[..PieceBytes], cancellationToken) is > 0 and var read)
        {
            left = read <= left ? left - read : throw new IOException($"{Digest} is longer than the {SizeBytes} bytes that it had");
            body.Advance(read);
            await body.FlushAsync(cancellationToken);
        }

        if (left > 0)
        {
            throw new IOException($"{Digest} ended {left} bytes before its {SizeBytes} bytes");
        }
    }

    private async Task<Stream> OpenAsync(ByteRange range, CancellationToken cancellationToken)
    {
        try
        {
            return await Store.OpenAsync(Digest, range, cancellationToken) ?? throw new IOException($"{Digest} went away while it was asked for");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"{Digest} is shorter than the {SizeBytes} bytes that it had", e);
        }
    }
}

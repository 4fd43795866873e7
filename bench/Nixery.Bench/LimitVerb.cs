using System.CommandLine;
using System.Security.Cryptography;
using Nixery.Packing.Encoders;

namespace Nixery.Bench;

/// <summary>
/// <c>limit</c>: what the machine could do at best. Read, SHA-256, compress, SHA-256, on each processor for itself; no tar to make, no order to
/// keep, nothing to store.
/// </summary>
internal static class LimitVerb
{
    private static readonly Argument<FileInfo> Tar = new("tar") { Description = "A bare tar." };

    public static Command Create()
    {
        var verb = new Command("limit", "Compresses the pieces of a tar as fast as it goes, and throws them away.")
        {
            Tar, PackingArguments.Encoder, PackingArguments.Level,
        };
        verb.SetAction(RunAsync);
        return verb;
    }

    private static Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = PieceFormat.Of(PackingArguments.Read(parsed));
        using var tar = File.OpenHandle(parsed.GetRequiredValue(Tar).FullName);
        var pieces = (RandomAccess.GetLength(tar) + format.PieceBytes - 1) / format.PieceBytes;
        var (next, encodedBytes) = (0L, 0L);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return Report.SayAsync(parsed, format.Identity, encodedBytes);

        void Work()
        {
            using var encoder = format.CreateEncoder();
            var (raw, encoded) = (new byte[format.PieceBytes], new byte[format.MostEncodedBytes]);
            for (var piece = Interlocked.Increment(ref next) - 1; piece < pieces; piece = Interlocked.Increment(ref next) - 1)
            {
                var read = RandomAccess.Read(tar, raw, piece * format.PieceBytes);
                SHA256.HashData(raw.AsSpan(0, read));
                var length = encoder.Encode(piece, raw.AsSpan(0, read), encoded);
                SHA256.HashData(encoded.AsSpan(0, length));
                Interlocked.Add(ref encodedBytes, length);
            }
        }
    }
}

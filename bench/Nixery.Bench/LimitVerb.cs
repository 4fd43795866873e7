using System.CommandLine;
using System.Security.Cryptography;
using Nixery.Building.Nix;
using Nixery.Packing;
using Nixery.Packing.Encoders;

namespace Nixery.Bench;

/// <summary>
/// <c>limit</c>: what the machine could do at best. Read the files of a closure, SHA-256, compress, SHA-256, on each processor for itself;
/// no tar to make, no order to keep, nothing to store.
/// </summary>
internal static class LimitVerb
{
    private static readonly EnumerationOptions Files = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public static Command Create()
    {
        var verb = new Command("limit", "Compresses the files of a closure as fast as it goes, and throws all away.")
        {
            PackVerb.Closure, PackVerb.Store, PackingArguments.Encoder, PackingArguments.Level,
        };
        verb.SetAction(RunAsync);
        return verb;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = PieceFormat.Of(PackingArguments.Read(parsed));
        var closure = NixJson.PathInfo(await File.ReadAllTextAsync(parsed.GetRequiredValue(PackVerb.Closure).FullName, cancellationToken));
        var store = new StoreTreeReader(parsed.GetRequiredValue(PackVerb.Store));
        var pieces = new Queue<IReadOnlyList<FilePart>>(Cut(closure.SelectMany(n => FilesOf(store.Locate(n.Path))), format.PieceBytes));
        var encodedBytes = 0L;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        await Report.SayAsync(parsed, format.Identity, encodedBytes);

        void Work()
        {
            using var encoder = format.CreateEncoder();
            var (raw, encoded) = (new byte[format.PieceBytes], new byte[format.MostEncodedBytes]);
            for (var number = 0L; TryNext() is { } parts; number++)
            {
                var read = Read(parts, raw);
                SHA256.HashData(raw.AsSpan(0, read));
                var length = encoder.Encode(number, raw.AsSpan(0, read), encoded);
                SHA256.HashData(encoded.AsSpan(0, length));
                Interlocked.Add(ref encodedBytes, length);
            }
        }

        IReadOnlyList<FilePart>? TryNext()
        {
            lock (pieces)
            {
                return pieces.TryDequeue(out var next) ? next : null;
            }
        }
    }

    private static IEnumerable<FileInfo> FilesOf(string path) =>
        File.Exists(path) ? [new FileInfo(path)] : new DirectoryInfo(path).EnumerateFiles("*", Files);

    /// <summary>The files one after the other, in pieces of the same size.</summary>
    private static IEnumerable<IReadOnlyList<FilePart>> Cut(IEnumerable<FileInfo> files, int pieceBytes)
    {
        var (piece, room) = (new List<FilePart>(), pieceBytes);
        foreach (var file in files)
        {
            for (var offset = 0L; offset < file.Length;)
            {
                var count = (int)Math.Min(room, file.Length - offset);
                piece.Add(new FilePart(file.FullName, offset, count));
                (offset, room) = (offset + count, room - count);
                if (room == 0)
                {
                    yield return piece;
                    (piece, room) = ([], pieceBytes);
                }
            }
        }

        yield return piece;
    }

    private static int Read(IReadOnlyList<FilePart> parts, byte[] piece)
    {
        var filled = 0;
        foreach (var part in parts)
        {
            using var file = File.OpenHandle(part.Path);
            filled += RandomAccess.Read(file, piece.AsSpan(filled, part.Count), part.Offset);
        }

        return filled;
    }

    private sealed record FilePart(string Path, long Offset, int Count);
}

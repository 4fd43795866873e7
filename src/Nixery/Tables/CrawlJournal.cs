using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Closures;

namespace Nixery.Tables;

/// <summary>
/// What a crawl has learned so far, a line each, so that one that was interrupted goes on from there. One crawl at a time: the file is
/// held open.
/// </summary>
internal sealed class CrawlJournal : IDisposable
{
    private readonly StreamWriter _writer;
    private readonly Lock _gate = new();

    private CrawlJournal(FileStream file, Dictionary<StorePath, ClosureNode?> known)
    {
        _writer = new StreamWriter(file) { AutoFlush = true };
        Known = known;
    }

    /// <summary>By path; null for those that the cache does not have.</summary>
    public IReadOnlyDictionary<StorePath, ClosureNode?> Known { get; }

    public static async Task<CrawlJournal> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var known = new Dictionary<StorePath, ClosureNode?>();
        var wholeBytes = 0L;
        using (var lines = new StreamReader(file, leaveOpen: true))
        {
            while (await lines.ReadLineAsync(cancellationToken) is { } line && Parse(line) is { } entry)
            {
                known[entry.Path] = entry.Node();
                wholeBytes += line.Length + 1;
            }
        }

        // What an interruption has cut goes; all of it is ASCII.
        file.SetLength(Math.Min(wholeBytes, file.Length));
        file.Position = file.Length;
        return new CrawlJournal(file, known);
    }

    public void Add(StorePath path, ClosureNode? node)
    {
        var line = JsonSerializer.Serialize(JournalEntry.Of(path, node), JournalJson.Default.JournalEntry);
        lock (_gate)
        {
            _writer.Write(line + '\n');
        }
    }

    public void Dispose() => _writer.Dispose();

    private static JournalEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="NarSizeBytes">Null for what the cache does not have.</param>
internal sealed record JournalEntry(StorePath Path, long? NarSizeBytes, IReadOnlyList<StorePath> References)
{
    public static JournalEntry Of(StorePath path, ClosureNode? node) => new(path, node?.NarSizeBytes, node?.References ?? []);

    public ClosureNode? Node() => NarSizeBytes is { } size ? new ClosureNode(Path, size, References) : null;
}

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;

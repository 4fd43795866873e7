using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Closures;

namespace Nixery.Tables;

/// <summary>
/// What a crawl has learned so far, a line each after the one that names the cache, so that one that was interrupted goes on from there.
/// What a cache does not have is not in it: that may come. One crawl at a time: the file is held open.
/// </summary>
internal sealed class CrawlJournal : IDisposable
{
    private readonly StreamWriter _writer;
    private readonly Lock _gate = new();

    private CrawlJournal(FileStream file, Dictionary<StorePath, ClosureNode> known)
    {
        _writer = new StreamWriter(file) { AutoFlush = true };
        Known = known;
    }

    public IReadOnlyDictionary<StorePath, ClosureNode> Known { get; }

    /// <param name="cache">The cache that is asked; what another one has said does not count.</param>
    public static async Task<CrawlJournal> OpenAsync(string path, Uri cache, CancellationToken cancellationToken)
    {
        var head = $"of {TableReader.Name(cache.AbsoluteUri)}";
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var known = new Dictionary<StorePath, ClosureNode>();
        var wholeBytes = 0L;
        using (var lines = new StreamReader(file, leaveOpen: true))
        {
            if (await lines.ReadLineAsync(cancellationToken) == head)
            {
                wholeBytes = head.Length + 1;
                while (await lines.ReadLineAsync(cancellationToken) is { } line && Parse(line) is { } entry)
                {
                    known[entry.Path] = new ClosureNode(entry.Path, entry.NarSizeBytes, entry.References);
                    wholeBytes += line.Length + 1;
                }
            }
        }

        // What an interruption has cut goes; all of it is ASCII.
        file.SetLength(Math.Min(wholeBytes, file.Length));
        file.Position = file.Length;
        var journal = new CrawlJournal(file, known);
        if (wholeBytes == 0)
        {
            journal.Write(head);
        }

        return journal;
    }

    public void Add(ClosureNode node) =>
        Write(JsonSerializer.Serialize(new JournalEntry(node.Path, node.NarSizeBytes, node.References), JournalJson.Default.JournalEntry));

    public void Dispose() => _writer.Dispose();

    private void Write(string line)
    {
        lock (_gate)
        {
            _writer.Write(line + '\n');
        }
    }

    private static JournalEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry) is { NarSizeBytes: >= 0 and <= ClosureNode.MostNarSizeBytes } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record JournalEntry(StorePath Path, long NarSizeBytes, IReadOnlyList<StorePath> References);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;

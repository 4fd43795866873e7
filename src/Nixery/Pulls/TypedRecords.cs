using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>Records as values. One that cannot be read counts as absent, and what it stood for is made again.</summary>
internal sealed partial class TypedRecords(IRecordStore store, ILogger<TypedRecords> logger)
{
    public ValueTask<T?> FindAsync<T>(RecordKey key, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => FindAsync(key, content => JsonSerializer.Deserialize(content.Span, type), cancellationToken);

    /// <param name="read">Throws <see cref="JsonException"/> for what is not its kind of record.</param>
    public async ValueTask<T?> FindAsync<T>(RecordKey key, Func<ReadOnlyMemory<byte>, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var content = await store.FindAsync(key, cancellationToken);
        try
        {
            return content is { } bytes ? read(bytes) : null;
        }
        catch (JsonException e)
        {
            Log.RecordUnreadable(logger, key.Kind, key.Hex, e.Message);
            return null;
        }
    }

    public Task PutAsync<T>(RecordKey key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), cancellationToken);

    public Task PutAsync(RecordKey key, byte[] content, CancellationToken cancellationToken) =>
        store.PutAsync(key, content, cancellationToken);

    /// <summary>Writes the record unless there is one; whether it was written.</summary>
    public Task<bool> TryCreateAsync<T>(RecordKey key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        store.TryCreateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "The {Kind} record {Key} cannot be read and counts as absent: {Problem}")]
        public static partial void RecordUnreadable(ILogger logger, string kind, string key, string problem);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Nixery.Images;
using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>What the tags of one source meant last, kept in the storage for a restart while the source cannot be asked.</summary>
internal sealed partial class PinRecords(IRecordStore records, IRemotePinner source, ILogger<PinRecords> logger)
{
    /// <summary>Null when there is none, or none that can be read.</summary>
    public async Task<PinRecord?> FindAsync(Tag tag, CancellationToken cancellationToken)
    {
        try
        {
            var content = await records.FindAsync(KeyOf(tag), cancellationToken);
            var record = content is { } bytes ? JsonSerializer.Deserialize(bytes.Span, PinJson.Default.PinRecord) : null;
            return record is not null && CommitText.IsCommit(record.Commit) ? record : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, tag.Text, e.Message);
            return null;
        }
    }

    /// <summary>A pin is worth having where it cannot be written down.</summary>
    public async Task PutAsync(Tag tag, PinRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await records.PutAsync(KeyOf(tag), JsonSerializer.SerializeToUtf8Bytes(record, PinJson.Default.PinRecord), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unwritten(logger, tag.Text, e.Message);
        }
    }

    private RecordKey KeyOf(Tag tag) => RecordKey.Of("pin", source.Identity, tag.Text);

    private static partial class Log
    {
        [LoggerMessage(1211, LogLevel.Warning, "The record of what the tag {Tag} meant cannot be read and counts as absent: {Problem}")]
        public static partial void Unreadable(ILogger logger, string tag, string problem);

        [LoggerMessage(1212, LogLevel.Warning, "What the tag {Tag} means could not be written down: {Problem}")]
        public static partial void Unwritten(ILogger logger, string tag, string problem);
    }
}

/// <param name="Commit">Empty for a tag that the source does not have any more.</param>
/// <param name="At">When the source said so.</param>
internal sealed record PinRecord(string Commit, DateTimeOffset At);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PinRecord))]
internal sealed partial class PinJson : JsonSerializerContext;

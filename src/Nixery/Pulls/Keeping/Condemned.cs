using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// What is about to be deleted, written down for builds that are about to name it. Who deletes writes this down, reads then which
/// images there are, and deletes what none of them names. Who builds writes down its image, and reads then this. So whichever came
/// first, one of the two sees the other: the blob stays, or the build waits until it is gone for sure and makes it again.
/// </summary>
internal sealed class Condemned(IRecordStore records, TimeProvider time)
{
    public const string Kind = "condemned";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Who deletes puts the end off while it lives; clocks of servers may differ by less.</summary>
    public static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(60);

    public Task WriteAsync(RecordKey key, IEnumerable<Digest> digests, CancellationToken cancellationToken) => records.PutAsync(
        key,
        JsonSerializer.SerializeToUtf8Bytes(new CondemnedRecord([.. digests], time.GetUtcNow() + HoldsFor), CondemnedJson.Default.CondemnedRecord),
        cancellationToken);

    public Task RemoveAsync(RecordKey key, CancellationToken cancellationToken) => records.DeleteAsync(key, cancellationToken);

    /// <summary>Waits until none of them is about to be deleted any more, for whatever reason.</summary>
    public async Task WaitAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken)
    {
        while (await NamesAnyAsync(digests, cancellationToken))
        {
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private async Task<bool> NamesAnyAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken)
    {
        await foreach (var listed in records.ListAsync(Kind, cancellationToken))
        {
            if (await records.FindAsync(listed.Key.PastMemory(), cancellationToken) is { } content
                && Read(content) is { } condemned
                && IsInForce(condemned)
                && condemned.Digests.Intersect(digests).Any())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a server wrote whose clock is hours ahead, and died, would hold up builds for hours.</summary>
    private bool IsInForce(CondemnedRecord condemned) =>
        condemned.Until - time.GetUtcNow() is var left && left > TimeSpan.Zero && left <= HoldsFor * 2;

    /// <summary>One that cannot be read condemns nothing.</summary>
    private static CondemnedRecord? Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, CondemnedJson.Default.CondemnedRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Until">When nobody deletes them any more, even if this record is still there.</param>
internal sealed record CondemnedRecord(IReadOnlyList<Digest> Digests, DateTimeOffset Until);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CondemnedRecord))]
internal sealed partial class CondemnedJson : JsonSerializerContext;

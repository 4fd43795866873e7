using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Nixery.Oci;
using Nixery.Pulls.Keeping;
using Nixery.Rootfs;
using Nixery.Sources;
using Nixery.Storage;
using Nixery.Storage.Buckets;
using Nixery.Tables;

namespace Nixery.Pulls;

/// <summary>Something in the storage that is not as it should be.</summary>
/// <param name="Name">Of the blob or record.</param>
/// <param name="Problem">What is wrong with it, as the rest of a sentence.</param>
/// <param name="RemoveAsync">Takes it away, whereupon it is made again when it is asked for.</param>
public sealed record Finding(string Name, string Problem, Func<CancellationToken, Task> RemoveAsync);

/// <summary>What was looked at.</summary>
public sealed record CheckedStorage(int Blobs, long Bytes, int Records, IReadOnlyList<Finding> Findings);

/// <summary>
/// Reads all that is stored once more: each blob must have its digest, each record must be one, and what it names must be there. It may
/// go on while servers use the storage: what comes meanwhile is not looked at, and what goes meanwhile is no finding.
/// </summary>
public sealed class StorageCheck(Warehouse warehouse)
{
    /// <summary>All but leases, which come and go.</summary>
    private static readonly Dictionary<string, Func<ReadOnlyMemory<byte>, IEnumerable<StoredBlob>>> Kinds = new(StringComparer.Ordinal)
    {
        ["image"] = content => JsonSerializer.Deserialize(content.Span, BuildRecordJson.Default.StoredImage)?.All() ?? throw Nothing(),
        ["layer"] = content => JsonSerializer.Deserialize(content.Span, BuildRecordJson.Default.WrittenLayer) is { } layer ? [new StoredBlob(layer.Digest, layer.SizeBytes)] : throw Nothing(),
        ["failure"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, BuildRecordJson.Default.FailureRecord)),
        ["package"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, PackageRecordJson.Default.PackageRecord)),
        ["closure"] = content => NamesNothing(OutputMemory.ReadClosure(content)),
        ["tree"] = content => NamesNothing(StoreTreeJson.Read(content)),
        ["repository"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, RepositoryJson.Default.Repository)),
        ["observed"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, ObservedJson.Default.ObservedRecord)),
        ["pin-table"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, PinTablesJson.Default.PinTable)),
        ["pin-tables"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, PinTablesJson.Default.OldPinTables)),
        ["image-table"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, ImageTableJson.Default.ImageTable)),
        ["use"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, UseJson.Default.UseRecord)),
        [ImageUses.SignKind] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, UseJson.Default.SignRecord)),
        // What it names is about to go.
        [Condemned.Kind] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, CondemnedJson.Default.CondemnedRecord)),
        ["table"] = content => NamesNothing(TableMemory.Read(content)),
        ["table-read"] = content => content.IsEmpty ? throw Nothing() : [],
        // By which a server sees whether it can be read.
        ["probe"] = content => content.IsEmpty ? throw Nothing() : [],
        ["pin"] = content => NamesNothing(JsonSerializer.Deserialize(content.Span, PinJson.Default.PinRecord)),
    };

    internal static IEnumerable<string> KindNames => Kinds.Keys;

    /// <exception cref="IOException">The storage cannot be read at all.</exception>
    public async Task<CheckedStorage> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new ConcurrentBag<Finding>();
        var wrong = new ConcurrentDictionary<Digest, bool>();
        var (blobs, bytes, records) = (0, 0L, 0);
        if (warehouse.Blobs is IBlobInventory inventory)
        {
            await Parallel.ForEachAsync(inventory.ListAsync(cancellationToken), cancellationToken, async (blob, token) =>
            {
                Interlocked.Increment(ref blobs);
                Interlocked.Add(ref bytes, blob.SizeBytes);
                if (await FindProblemAsync(blob.Digest, token) is { } problem)
                {
                    wrong[blob.Digest] = true;
                    findings.Add(new Finding($"blob {blob.Digest}", problem, t => inventory.DeleteAsync(blob.Digest, t)));
                }
            });
        }

        foreach (var (kind, read) in Kinds)
        {
            await Parallel.ForEachAsync(warehouse.Records.ListAsync(kind, cancellationToken), cancellationToken, async (listed, token) =>
            {
                var key = listed.Key;
                Interlocked.Increment(ref records);
                if (await FindProblemAsync(key, read, wrong, token) is { } problem)
                {
                    findings.Add(new Finding($"{kind} record {key.Hex}", problem, t => RemoveAsync(key, t)));
                }
            });
        }

        return new CheckedStorage(blobs, bytes, records, [.. findings.OrderBy(f => f.Name, StringComparer.Ordinal)]);
    }

    /// <summary>An image's record stays where it can be read: it says by which table the same bytes come out again.</summary>
    private async Task RemoveAsync(RecordKey key, CancellationToken cancellationToken)
    {
        if (key.Kind == "image" && await warehouse.Records.FindAsync(key, cancellationToken) is { } content && TryRead(content) is { } image)
        {
            await warehouse.Records.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(image with { IsGone = true }, BuildRecordJson.Default.StoredImage), cancellationToken);
            return;
        }

        await warehouse.Records.DeleteAsync(key, cancellationToken);
    }

    private static StoredImage? TryRead(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, BuildRecordJson.Default.StoredImage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<StoredBlob> NamesNothing(object? record) => record is null ? throw Nothing() : [];

    private static JsonException Nothing() => new("there is nothing in it");

    private async Task<string?> FindProblemAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await warehouse.Blobs.OpenAsync(digest, ByteRange.Whole, cancellationToken);
            if (content is null)
            {
                return null;
            }

            var found = Digest.FromHash(await SHA256.HashDataAsync(content, cancellationToken));
            return found == digest ? null : $"is damaged: its content has the digest {found}";
        }
        catch (IOException e) when (e is not (BucketUnavailableException or BucketRefusedException))
        {
            return $"cannot be read: {e.Message}";
        }
        catch (BucketRefusedException) when (!cancellationToken.IsCancellationRequested)
        {
            // Let go while it was read? Else the next call says it again.
            if (await warehouse.Blobs.FindSizeAsync(digest, cancellationToken) is not null)
            {
                throw;
            }

            return null;
        }
    }

    private async Task<string?> FindProblemAsync(
        RecordKey key, Func<ReadOnlyMemory<byte>, IEnumerable<StoredBlob>> read, ConcurrentDictionary<Digest, bool> wrong, CancellationToken cancellationToken)
    {
        if (await warehouse.Records.FindAsync(key, cancellationToken) is not { } content)
        {
            return null;
        }

        try
        {
            foreach (var blob in read(content))
            {
                var size = await warehouse.Blobs.FindSizeAsync(blob.Digest, cancellationToken);
                if (size != blob.SizeBytes || wrong.ContainsKey(blob.Digest))
                {
                    // Whoever lets a blob go writes the records first.
                    if (await warehouse.Records.FindAsync(key, cancellationToken) is not { } now || !now.Span.SequenceEqual(content.Span))
                    {
                        return null;
                    }

                    return size is null ? $"names blob {blob.Digest}, which is missing" : $"names blob {blob.Digest}, which is damaged";
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return $"cannot be read: {e.Message}";
        }
    }
}

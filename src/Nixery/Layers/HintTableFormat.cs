using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// How a table is written down: JSON, in which hosts are places in the list of paths, as paths are long. What Nixery's popularity
/// file has, <c>{"name-version": count}</c>, is read too. docs/layering.md has both.
/// </summary>
public static class HintTableFormat
{
    /// <summary>Raise it when what is written changes its meaning; it is the first word of the file.</summary>
    public const string Version = "nixery-hint-table-1";

    /// <summary>nixpkgs has a hundred thousand.</summary>
    public const int MostRecords = 1_000_000;

    public static byte[] Write(HintTable table)
    {
        if (table.Popularity is { } popularity)
        {
            return JsonSerializer.SerializeToUtf8Bytes(Sorted(popularity), HintTableJson.Plain.SortedDictionaryStringInt64);
        }

        var records = table.Records.ToList();
        var places = records.Index().ToDictionary(r => r.Item.Key, r => r.Index);
        var document = new HintTableDocument(
            Version,
            [.. records.Select(r => r.Key)],
            [.. records.Select(r => r.Value.Share)],
            [.. records.Select(r => r.Value.Referrers)],
            [.. records.Select(r => r.Value.Host is { } host ? places[host] : -1)]);
        return JsonSerializer.SerializeToUtf8Bytes(document, HintTableJson.Plain.HintTableDocument);
    }

    /// <summary>Nixery's file, of the direct referrers that the table knows; it has no paths with one referrer.</summary>
    public static byte[] WritePopularity(HintTable table)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (path, hint) in table.Records.Where(r => r.Value.Referrers > 1))
        {
            counts[path.Name] = Math.Max(hint.Referrers, counts.GetValueOrDefault(path.Name));
        }

        return JsonSerializer.SerializeToUtf8Bytes(counts, HintTableJson.Plain.SortedDictionaryStringInt64);
    }

    /// <exception cref="InvalidDataException">It is neither; the message says what is wrong with it.</exception>
    public static HintTable Read(ReadOnlySpan<byte> json)
    {
        try
        {
            RefuseTooMany(json);
            return IsPopularity(json)
                ? HintTable.OfPopularity(Checked(JsonSerializer.Deserialize(json, HintTableJson.Default.SortedDictionaryStringInt64)!))
                : FromDocument(JsonSerializer.Deserialize(json, HintTableJson.Default.HintTableDocument)!);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is no table: {e.Message}", e);
        }
    }

    private static SortedDictionary<string, long> Sorted(IEnumerable<KeyValuePair<string, long>> counts) =>
        new(counts.ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Ours begins with its format; a package named format would have a number there.</summary>
    private static bool IsPopularity(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("it is no table: a JSON object is expected");
        }

        return !(reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("format")
            && reader.Read() && reader.TokenType == JsonTokenType.String);
    }

    /// <summary>Each record has one string, and ours a few more; counted before memory is taken for them.</summary>
    private static void RefuseTooMany(ReadOnlySpan<byte> json)
    {
        const int keysOfOurs = 6;
        var reader = new Utf8JsonReader(json);
        for (var strings = 0; reader.Read();)
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && ++strings > MostRecords + keysOfOurs)
            {
                throw new InvalidDataException($"it has more than {MostRecords} records");
            }
        }
    }

    private static SortedDictionary<string, long> Checked(SortedDictionary<string, long> counts)
    {
        if (counts.FirstOrDefault(c => c.Value < 0 || c.Key.Contains('\n', StringComparison.Ordinal)).Key is { } wrong)
        {
            throw new InvalidDataException($"'{wrong}' is no name with a count");
        }

        // Any object of numbers looks like such a file, {"error": 404} too.
        return counts.Keys.Any(name => PackageKey.Of(name) != name)
            ? counts
            : throw new InvalidDataException("it is no table: not one of its names has a version");
    }

    private static HintTable FromDocument(HintTableDocument document)
    {
        var count = document.Paths.Count;
        if (count == 0)
        {
            throw new InvalidDataException("it is an empty table");
        }

        if (document.Format != Version)
        {
            throw new InvalidDataException($"it is a table of the format '{document.Format}'; this version reads '{Version}'");
        }

        if (document.Shares.Count != count || document.Referrers.Count != count || document.Hosts.Count != count)
        {
            throw new InvalidDataException("the lists of the table have different lengths");
        }

        var records = new Dictionary<StorePath, Hint>(count);
        for (var i = 0; i < count; i++)
        {
            var (share, referrers, host) = (document.Shares[i], document.Referrers[i], document.Hosts[i]);
            if (!(share >= 0 && share <= 1) || referrers < 1 || host < -1 || host >= count || host == i
                || !records.TryAdd(document.Paths[i], new Hint(share, referrers, host < 0 ? null : document.Paths[host])))
            {
                throw new InvalidDataException($"the table's record of {document.Paths[i]} cannot be");
            }
        }

        return HintTable.Of(records);
    }
}

/// <summary>A table as it is written down.</summary>
/// <param name="Hosts">Of each path, the place of its host in <paramref name="Paths"/>; −1 for none.</param>
internal sealed record HintTableDocument(
    string Format, IReadOnlyList<StorePath> Paths, IReadOnlyList<double> Shares, IReadOnlyList<long> Referrers, IReadOnlyList<int> Hosts);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(HintTableDocument))]
[JsonSerializable(typeof(SortedDictionary<string, long>))]
internal sealed partial class HintTableJson : JsonSerializerContext
{
    /// <summary>For files, where a plus sign is one.</summary>
    public static HintTableJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>What a table says of one store path.</summary>
/// <param name="Share">How likely an image has it, 0 to 1: q of the study.</param>
/// <param name="Referrers">How many paths refer to it directly; at least 1, as Nixery counts.</param>
/// <param name="Host">The path that it travels with, a direct referrer; null where it stands alone.</param>
public sealed record Hint(double Share, long Referrers, StorePath? Host);

/// <summary>
/// What is known of store paths apart from any image. Another revision of the package set has other paths for the same names, so a path is
/// looked up by itself, then by its name with version, then without.
/// </summary>
public sealed class HintTable
{
    private readonly Dictionary<StorePath, Hint> _byPath;
    private readonly Dictionary<string, Hint> _byName;
    private readonly Dictionary<string, Hint> _byKey;

    private HintTable(
        string kind, IEnumerable<string> lines, Dictionary<StorePath, Hint> byPath, Dictionary<string, Hint> byName, Dictionary<string, Hint> byKey)
    {
        Id = IdOf(kind, lines);
        _byPath = byPath;
        _byName = byName;
        _byKey = byKey;
    }

    /// <summary>SHA-256 of what it says, in lower-case hex: tables that say the same have the same one, however they were written down.</summary>
    public string Id { get; }

    /// <summary>Whether it knows which path travels with which. Without that each path stands alone, as without a table.</summary>
    public bool HasHosts => Popularity is null;

    /// <summary>Direct referrers by name and version, where it was made of those alone.</summary>
    internal IReadOnlyDictionary<string, long>? Popularity { get; private init; }

    /// <summary>All records by path, in ordinal order; none where it knows names alone.</summary>
    public IEnumerable<KeyValuePair<StorePath, Hint>> Records => _byPath.OrderBy(r => r.Key);

    public int Count => Math.Max(_byPath.Count, _byName.Count);

    public static HintTable Of(IReadOnlyDictionary<StorePath, Hint> records)
    {
        var byName = new Dictionary<string, Hint>(records.Count, StringComparer.Ordinal);
        var byKey = new Dictionary<string, Hint>(StringComparer.Ordinal);
        // For equal strings the record of the path with the greatest share counts, then of the greatest path.
        foreach (var (path, hint) in records.OrderByDescending(r => r.Value.Share).ThenByDescending(r => r.Key))
        {
            byName.TryAdd(path.Name, hint);
            byKey.TryAdd(PackageKey.Of(path.Name), hint);
        }

        var lines = records.OrderBy(r => r.Key)
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value.Share:R} {r.Value.Referrers} {r.Value.Host}"));
        return new HintTable("paths", lines, new Dictionary<StorePath, Hint>(records), byName, byKey);
    }

    /// <summary>
    /// Nixery's popularity, which counts direct referrers by name and version. That says nothing of hosts, and of shares only which is
    /// larger.
    /// </summary>
    public static HintTable OfPopularity(IReadOnlyDictionary<string, long> referrers)
    {
        var most = (double)referrers.Values.Append(1).Max();
        var byName = referrers.ToDictionary(r => r.Key, r => new Hint(r.Value / most, r.Value, null), StringComparer.Ordinal);
        var byKey = new Dictionary<string, Hint>(StringComparer.Ordinal);
        foreach (var (name, hint) in byName.OrderByDescending(r => r.Value.Share).ThenByDescending(r => r.Key, StringComparer.Ordinal))
        {
            byKey.TryAdd(PackageKey.Of(name), hint);
        }

        var lines = referrers.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value}"));
        return new HintTable("names", lines, [], byName, byKey) { Popularity = referrers };
    }

    /// <param name="key">The <see cref="PackageKey"/> of the path.</param>
    internal Hint? Find(StorePath path, string key) =>
        _byPath.GetValueOrDefault(path) ?? FindByName(path.Name) ?? _byKey.GetValueOrDefault(key);

    /// <param name="nameAndVersion">Exactly, as Nixery looks it up.</param>
    internal Hint? FindByName(string nameAndVersion) => _byName.GetValueOrDefault(nameAndVersion);

    private static string IdOf(string kind, IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines.Prepend($"nixery-hint-table-1 {kind}"))
        {
            // No name holds a line break.
            hash.AppendData(Encoding.UTF8.GetBytes(line + '\n'));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

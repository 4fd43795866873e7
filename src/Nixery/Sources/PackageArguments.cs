using System.Globalization;
using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>An overlay, frozen: where it is, and the SHA-256 of its content.</summary>
public sealed record Overlay(string Path, string Fingerprint);

/// <summary>What a package set is called with, and which of the declared sets it is. Two of them are equal when their keys are.</summary>
public sealed record PackageArguments
{
    public static readonly PackageArguments None = new("", new NixpkgsConfig(), []);

    private readonly string _policy;

    public PackageArguments(string set, NixpkgsConfig config, IReadOnlyList<Overlay> overlays)
        : this(set, config, overlays, policy: "")
    {
    }

    /// <param name="policy">What the environment allows besides <paramref name="config"/>: <see cref="NixpkgsPolicy"/>.</param>
    public PackageArguments(string set, NixpkgsConfig config, IReadOnlyList<Overlay> overlays, string policy)
    {
        _policy = policy;
        Set = set;
        Config = config;
        Overlays = overlays;
        Key = RecordKey.Of("arguments", Parts()).Hex;
    }

    /// <summary>The declared name; empty for the default set.</summary>
    public string Set { get; }

    public NixpkgsConfig Config { get; }

    public IReadOnlyList<Overlay> Overlays { get; }

    /// <summary>SHA-256 of all that these arguments can change.</summary>
    public string Key { get; }

    /// <summary>Where the settings of this set are, for whoever runs the registry.</summary>
    public string Settings => Set.Length == 0 ? "Nixery:Source" : $"Nixery:Sets:{Set}";

    public bool Equals(PackageArguments? other) => Key == other?.Key;

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>Lists begin with their lengths. The order of overlays means something; that of names does not.</summary>
    private IEnumerable<string> Parts() =>
    [
        Set,
        _policy,
        Config.AllowUnfree ? "unfree" : "",
        .. Sorted(Config.AllowUnfreePackages),
        .. Sorted(Config.PermittedInsecurePackages),
        .. Overlays.Select(o => o.Fingerprint),
    ];

    private static IEnumerable<string> Sorted(IReadOnlyList<string> names)
    {
        var sorted = names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return sorted.Prepend(sorted.Count.ToString(CultureInfo.InvariantCulture));
    }
}

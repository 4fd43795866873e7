using System.Security.Cryptography;
using System.Text;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>
/// Step A of docs/layering.md: from a graph and how likely an image has each of its paths, which path travels with which. Once for a
/// revision of the package set, and for no image in particular.
/// </summary>
public sealed class HintTableBuilder
{
    /// <summary>How many requestable paths are looked at, drawn by their names: with more the shares hardly change.</summary>
    public const int RootSample = 8192;

    /// <summary>How many packages a typical image has.</summary>
    private const int Draws = 3;

    /// <summary>What a path costs that is pulled again only since its host has changed, as a share of its size.</summary>
    private const double Kappa = 0.1;

    private readonly GraphByPlace _graph;
    private readonly string[] _keys;
    private readonly double _wastePerLayerBytes;

    /// <param name="nodes">In any order; references to what is not there are left out.</param>
    /// <param name="wastePerLayerBytes"><see cref="LayerOptions.WastePerLayerBytes"/>.</param>
    public HintTableBuilder(IEnumerable<ClosureNode> nodes, long wastePerLayerBytes)
    {
        _graph = GraphByPlace.Of(nodes);
        _keys = [.. _graph.Paths.Select(p => PackageKey.Of(p.Name))];
        _wastePerLayerBytes = wastePerLayerBytes;
    }

    /// <summary>A table of a whole package set.</summary>
    /// <param name="requestable">What somebody may ask for; all paths where it has none of the graph's.</param>
    /// <param name="baseRoots">What every image gets.</param>
    public HintTable FromGraph(IEnumerable<StorePath> requestable, IEnumerable<StorePath> baseRoots)
    {
        var starts = Sample(Places(requestable) is { Length: > 0 } asked ? asked : [.. Enumerable.Range(0, _graph.Count)]);
        var shares = Array.ConvertAll(Reach.Count(_graph, starts), count => AnyOfDraws((double)count / starts.Length));
        foreach (var (place, count) in Reach.Count(_graph, Places(baseRoots)).Index())
        {
            shares[place] = count > 0 ? 1.0 : shares[place];
        }

        return WithHosts(shares);
    }

    /// <summary>A table of what was seen in images.</summary>
    /// <param name="seenIn">How many images had each path.</param>
    /// <param name="images">How many images there were; at least 1.</param>
    public HintTable FromImages(IReadOnlyDictionary<StorePath, int> seenIn, int images) =>
        WithHosts([.. _graph.Paths.Select(p => (double)seenIn.GetValueOrDefault(p) / images)]);

    private int[] Places(IEnumerable<StorePath> paths) => [.. paths.Select(_graph.PlaceOf).Where(p => p >= 0).Distinct().Order()];

    /// <summary>The same names are drawn at each revision.</summary>
    private int[] Sample(int[] places) => [.. places
        .Select(p => (Place: p, Lot: Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_keys[p]))) + _graph.Paths[p].Text))
        .OrderBy(p => p.Lot, StringComparer.Ordinal).Take(RootSample).Select(p => p.Place)];

    private static double AnyOfDraws(double share)
    {
        var none = 1.0;
        for (var i = 0; i < Draws; i++)
        {
            none *= 1 - share;
        }

        return 1 - none;
    }

    private HintTable WithHosts(double[] shares)
    {
        var hosts = new int[_graph.Count];
        var load = (long[])_graph.NarSizesBytes.Clone();
        foreach (var place in _graph.DependenciesFirst)
        {
            var host = LikeliestReferrer(place, shares);
            var travels = host >= 0 && shares[place] > 0 && shares[host] > 0
                && load[place] * ((shares[place] / shares[host]) - 1 + Kappa) <= _wastePerLayerBytes;
            hosts[place] = travels ? host : -1;
            if (travels)
            {
                load[host] += load[place];
            }
        }

        var records = new Dictionary<StorePath, Hint>(_graph.Count);
        for (var place = 0; place < _graph.Count; place++)
        {
            var host = hosts[place] < 0 ? null : _graph.Paths[hosts[place]];
            records.Add(_graph.Paths[place], new Hint(shares[place], Math.Max(1, _graph.Referrers[place].Length), host));
        }

        return HintTable.Of(records);
    }

    /// <summary>By share, then size, key and path; −1 where nothing refers to it.</summary>
    private int LikeliestReferrer(int place, double[] shares)
    {
        var best = -1;
        foreach (var referrer in _graph.Referrers[place])
        {
            best = best < 0 || IsLikelier(referrer, best, shares) ? referrer : best;
        }

        return best;
    }

    private bool IsLikelier(int place, int other, double[] shares)
    {
        if (shares[place] != shares[other])
        {
            return shares[place] > shares[other];
        }

        var bySize = _graph.NarSizesBytes[place].CompareTo(_graph.NarSizesBytes[other]);
        var byKey = bySize != 0 ? bySize : string.CompareOrdinal(_keys[place], _keys[other]);
        return byKey != 0 ? byKey > 0 : place > other;
    }
}

using System.Globalization;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>Says of a planned layer, in words, why it is one.</summary>
public static class LayerReason
{
    /// <param name="closure">The image that the plan is of.</param>
    /// <param name="table">The table that it was planned with.</param>
    public static string Of(PlannedLayer layer, ClosureGraph closure, HintTable? table)
    {
        if (layer.Top is not { } top)
        {
            return "the tail: each too small for a layer of its own, or beyond the budget";
        }

        var others = layer.Paths.Count - 1;
        var passengers = others == 0 ? "" : $"; {others} more {(others == 1 ? "travels" : "travel")} with it: {Names(layer)}";
        return WhyAlone(top, closure, table) + passengers;
    }

    private static string WhyAlone(StorePath top, ClosureGraph closure, HintTable? table)
    {
        var hint = table?.Find(top, PackageKey.Of(top.Name));
        if (hint is null || table is not { HasHosts: true })
        {
            return table is null ? "alone: there is no table yet" : "alone: the table does not say with whom it travels";
        }

        var share = string.Create(CultureInfo.InvariantCulture, $"{hint.Share * 100:0.#} % of images have it");
        return hint.Host is { } host
            ? $"alone: its host {host.Name} is not what refers to it in this image ({share})"
            : closure.Nodes.Any(n => n.References.Contains(top))
                ? $"alone: {share}; as a part of another layer it would cost more than a layer less is worth"
                : $"alone: {share}, and nothing refers to it";
    }

    private static string Names(PlannedLayer layer)
    {
        const int Most = 3;
        var names = layer.Paths.Where(p => p != layer.Top).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", names.Take(Most)) + (names.Count > Most ? ", …" : "");
    }
}

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
            return "each too small for a layer of its own, or beyond the budget";
        }

        var others = layer.Paths.Count - 1;
        return $"{(others == 0 ? "alone" : $"host of {others}: {Names(layer)}")}; {WhyNoPassenger(top, closure, table)}";
    }

    private static string WhyNoPassenger(StorePath top, ClosureGraph closure, HintTable? table)
    {
        var hint = table?.Find(top, PackageKey.Of(top.Name));
        if (hint is null || table is not { HasHosts: true })
        {
            return table is null ? "there is no table yet" : "the table does not say with whom it travels";
        }

        var why = hint.Host is { } host ? $"its host {host.Name} does not refer to it here"
            : closure.Nodes.Any(n => n.References.Contains(top)) ? "to travel would cost more than a layer"
            : "nothing refers to it";
        return string.Create(CultureInfo.InvariantCulture, $"{hint.Share * 100:0.#} % of images have it; {why}");
    }

    private static string Names(PlannedLayer layer)
    {
        const int Most = 3;
        var names = layer.Paths.Where(p => p != layer.Top).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", names.Take(Most)) + (names.Count > Most ? ", …" : "");
    }
}

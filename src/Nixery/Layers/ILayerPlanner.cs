using System.Diagnostics;
using Nixery.Closures;

namespace Nixery.Layers;

/// <summary>A rule by which a closure becomes layers. Pure: the same closure and table give the same plan, whatever their order.</summary>
public interface ILayerPlanner
{
    /// <summary>The rule and its settings, for the identity of images: another one wherever a plan may come out differently.</summary>
    string Identity { get; }

    /// <param name="closure">The store paths of the image.</param>
    /// <param name="table">What is known apart from this image; null for nothing.</param>
    LayerPlan Plan(ClosureGraph closure, HintTable? table);

    /// <summary>Why a layer of a plan is one, in words.</summary>
    string Explain(PlannedLayer layer, ClosureGraph closure, HintTable? table);

    /// <summary>The planner that the settings name.</summary>
    static ILayerPlanner Of(LayerOptions options) => options.Planner switch
    {
        PlannerKind.Forest => new ForestPlanner(options),
        PlannerKind.Nixery => new NixeryPlanner(options),
        _ => throw new UnreachableException(),
    };
}

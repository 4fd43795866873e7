using System.CommandLine;
using Nixery.Bench;

// What the scripts beside this project measure with; each verb is a file of its own.
var bench = new RootCommand("Measures parts of Nixery. scripts/bench says how.")
{
    PackVerb.Create(),
    LimitVerb.Create(),
    TreeVerb.Create(),
    LayerPlanVerb.Create(),
    LayerSharingVerb.Create(),
    LayerTimesVerb.Create(),
    SoakVerb.Create(),
    BucketVerb.Create(),
};
return await bench.Parse(args).InvokeAsync();

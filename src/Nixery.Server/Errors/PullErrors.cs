using System.Diagnostics;
using Nixery.Building;
using Nixery.Images;
using Nixery.Pulls;
using Nixery.Server.Limits;

namespace Nixery.Server.Errors;

/// <summary>The table from endings of a pull to answers.</summary>
internal static class PullErrors
{
    /// <summary>What the client is told; null for an image.</summary>
    public static OciError? Of(PullOutcome outcome) => outcome switch
    {
        PullOutcome.Image => null,
        PullOutcome.NameRefused refused => OciError.NameInvalid(refused.Explanation),
        PullOutcome.UnknownTag unknown => OciError.ManifestUnknown(unknown.Explanation),
        PullOutcome.PackagesNotFound missing => OciError.ManifestUnknown(Sentence(missing)),
        PullOutcome.PackagesRefused refused => OciError.Denied(string.Join("; ", refused.Packages.Select(p => p.Explanation))),
        PullOutcome.NotStored => OciError.Denied(
            "this image is not stored here as its tag means it now, and you may only pull what is stored (Nixery:Access); it is there once somebody who may build it has pulled it"),
        PullOutcome.BuildFailed failed => OciError.Denied(failed.Explanation),
        PullOutcome.BuildTimedOut timedOut => OciError.Denied(
            $"the build did not end within {Math.Ceiling(timedOut.Limit.TotalSeconds)} s (NIX_TIMEOUT); what it finished is kept, and another pull goes on from there"),
        PullOutcome.StillBuilding building => OciError.TooManyRequests(
            $"this image has been building for {Math.Floor(building.Waited.TotalSeconds)} s, and the build goes on; ask again in a while"),
        PullOutcome.OverLimit beyond => OciError.Denied(beyond.Explanation),
        PullOutcome.TooMany tooMany => OciError.TooManyRequests($"{tooMany.Explanation}; ask again in {Waiting.Text(tooMany.FreeIn)}", tooMany.FreeIn),
        PullOutcome.Busy => OciError.TooManyRequests("this registry has as many builds waiting as it takes; ask again in a while"),
        PullOutcome.NoRoom full => OciError.Unavailable(full.Explanation),
        PullOutcome.Unavailable unavailable => OciError.Unavailable(unavailable.Explanation),
        _ => throw new UnreachableException(),
    };

    /// <summary>The same for a list of an image's tags: an image that cannot be built is a name that this registry does not have.</summary>
    public static OciError OfList(PullOutcome why) => why switch
    {
        PullOutcome.Image => throw new UnreachableException(),
        PullOutcome.NameRefused or PullOutcome.UnknownTag or PullOutcome.PackagesNotFound or PullOutcome.PackagesRefused or PullOutcome.NotStored =>
            OciError.NotFound(Of(why)!.Message),
        _ => Of(why)!,
    };

    private static string Sentence(PullOutcome.PackagesNotFound missing) => string.Join(
        "; ",
        missing.Packages.Select(Sentence).Concat(missing.Presets.Select(p => $"'{p}' stands for {string.Join(", ", MetaPackages.Presets[p])}")));

    private static string Sentence(PackageAnswer.NotFound missing)
    {
        var sentence = $"there is no package '{missing.Name}' in this registry's package set";
        var command = missing.Providers.Count == 0 ? "" : $"; the command {missing.Name} is in: {string.Join(", ", missing.Providers)}";
        var near = missing.Nearest.Count == 0 ? "" : $"; near names: {string.Join(", ", missing.Nearest)}";
        return sentence + command + near;
    }
}

using System.Globalization;
using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;

namespace Nixery.Pulls;

/// <summary>What the rules say against an image, in the order in which more of it is known: its names, its packages, its closure.</summary>
internal sealed class ImagePolicy(PullRules rules)
{
    /// <summary>Whether an image that is stored has to be looked at once more: the rules may be younger than it is.</summary>
    public bool LookIntoPackages => rules.Packages.LookIntoPackages;

    public bool LimitsClosures => rules.Limits.ClosureBytes > 0;

    /// <summary>What the names tell; null where nothing is said against them. What every image has is asked for by nobody, and is let through.</summary>
    public PullOutcome? FindRefusal(ImageRequest request)
    {
        var most = rules.Limits.Packages;
        return most > 0 && request.Packages.Count > most
            ? new PullOutcome.OverLimit(
                $"the image has {request.Packages.Count} packages, with those that presets stand for, and this registry makes images of {most} at most (Nixery:Limits:Packages)")
            : RefusalOf(request.Packages.Select(n => (n, rules.Packages.FindProblem(n))));
    }

    /// <summary>What the packages tell whose names are let through.</summary>
    public PullOutcome? FindRefusal(ImageRequest request, IReadOnlyList<PackageAnswer> answers) => LookIntoPackages
        ? RefusalOf(answers.OfType<PackageAnswer.Available>().Where(a => request.Packages.Contains(a.Name)).Select(a => (a.Name, rules.Packages.FindProblem(a.Name, a.Package))))
        : null;

    public PullOutcome? FindExcess(ClosureGraph closure)
    {
        var (most, bytes) = (rules.Limits.ClosureBytes, closure.Nodes.Sum(n => n.NarSizeBytes));
        return most > 0 && bytes > most
            ? new PullOutcome.OverLimit(string.Create(
                CultureInfo.InvariantCulture,
                $"the image has {bytes} bytes in {closure.Nodes.Count} store paths, and this registry makes images of {most} bytes at most (Nixery:Limits:ClosureBytes); the largest is {Largest(closure)}"))
            : null;
    }

    private static string Largest(ClosureGraph closure)
    {
        var largest = closure.Nodes.MaxBy(n => n.NarSizeBytes)!;
        return string.Create(CultureInfo.InvariantCulture, $"{largest.Path.Name} with {largest.NarSizeBytes}");
    }

    private static PullOutcome.PackagesRefused? RefusalOf(IEnumerable<(PackageName Name, string? Problem)> problems)
    {
        var refused = problems.Where(p => p.Problem is not null)
            .Select(p => new PackageAnswer.Refused(p.Name, RefusalReason.NotAllowed, p.Problem!)).ToList();
        return refused.Count > 0 ? new PullOutcome.PackagesRefused(refused) : null;
    }
}

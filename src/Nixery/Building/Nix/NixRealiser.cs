using System.Diagnostics;
using System.Globalization;
using Nixery.Closures;

namespace Nixery.Building.Nix;

/// <summary>
/// Makes outputs present (<c>nix-store --realise</c>) and reads their closure (<c>nix path-info</c>). Roots are set by
/// the realisation itself, so that no garbage collection comes between the two.
/// </summary>
internal sealed class NixRealiser(NixProcess process, NixOptions options, TimeProvider time)
{
    private const int TimedOutExitCode = 101;

    public async Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken)
    {
        if (packages.Count == 0)
        {
            // Nix takes no paths at all for "the flake here".
            return new RealisationOutcome.Realised(new HeldRealisation(ClosureGraph.Of([], []), HeldRoots.In(options.RootsPath)));
        }

        var started = time.GetTimestamp();
        var roots = HeldRoots.In(options.RootsPath);
        var outcome = default(RealisationOutcome);
        try
        {
            outcome = await FindBuildAsync(packages, started, cancellationToken)
                ?? FailureOf(await RunAsync(Realise(packages, roots), started, cancellationToken))
                ?? await ReadClosureAsync(packages, roots, started, cancellationToken);
            return outcome;
        }
        finally
        {
            if (outcome is not RealisationOutcome.Realised)
            {
                roots.Release();
            }
        }
    }

    /// <summary>What would have to be built, where nothing may be; null where nothing has to be, or Nix cannot tell now.</summary>
    private async Task<RealisationOutcome?> FindBuildAsync(IReadOnlyList<Package> packages, long started, CancellationToken cancellationToken) =>
        options.SubstituteOnly
        && await RunAsync(new ProcessCommand("nix-store", ["--realise", "--dry-run", .. Wanted(packages), .. SubstituteOnly.Arguments], options.Environment), started, cancellationToken)
            is ProcessOutcome.Exited { ExitCode: 0 } exited
            ? SubstituteOnly.OfDryRun(exited.ErrorTail)
            : null;

    private async Task<RealisationOutcome> ReadClosureAsync(
        IReadOnlyList<Package> packages, HeldRoots roots, long started, CancellationToken cancellationToken)
    {
        StorePath[] outputs = [.. packages.SelectMany(p => p.Outputs).Select(o => o.Path).Distinct()];
        var answer = await RunAsync(PathInfo(outputs), started, cancellationToken);
        return answer is ProcessOutcome.Exited { ExitCode: 0 } exited
            ? new RealisationOutcome.Realised(new HeldRealisation(ClosureGraph.Of(NixJson.PathInfo(exited.Output), outputs), roots))
            : FailureOf(answer) ?? throw new UnreachableException();
    }

    private async Task<ProcessOutcome> RunAsync(ProcessCommand command, long started, CancellationToken cancellationToken)
    {
        var left = options.Timeout - time.GetElapsedTime(started);
        return left > TimeSpan.Zero
            ? await process.RunAsync(command, left, cancellationToken)
            : new ProcessOutcome.TimedOut(options.Timeout);
    }

    private static IEnumerable<string> Wanted(IReadOnlyList<Package> packages) =>
        packages.Select(p => $"{p.DerivationPath}!{string.Join(',', p.Outputs.Select(o => o.Name))}").Distinct();

    // Nix's own timeout ends a build in an orderly way and says which; ours is for all that Nix does not watch.
    private ProcessCommand Realise(IReadOnlyList<Package> packages, HeldRoots roots) => new(
        "nix-store",
        [
            "--realise", .. Wanted(packages),
            "--add-root", roots.LinkPath, "--indirect",
            "--timeout", Math.Ceiling(options.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            .. options.SubstituteOnly ? SubstituteOnly.Arguments : [],
        ],
        options.Environment);

    private ProcessCommand PathInfo(IEnumerable<StorePath> outputs) => new(
        "nix",
        ["--extra-experimental-features", "nix-command", "path-info", "--json", "--recursive", .. outputs.Select(o => o.Text)],
        options.Environment);

    private RealisationOutcome? FailureOf(ProcessOutcome outcome) => outcome switch
    {
        ProcessOutcome.Exited { ExitCode: 0 } => null,
        ProcessOutcome.Exited { ExitCode: TimedOutExitCode } or ProcessOutcome.TimedOut => new RealisationOutcome.TimedOut(options.Timeout),
        ProcessOutcome.Exited { ExitCode: > NixTrouble.EndedBySignal } => new RealisationOutcome.Unavailable(NixTrouble.EndedFromOutside),
        ProcessOutcome.Exited exited => (options.SubstituteOnly ? SubstituteOnly.OfFailure(exited.ErrorTail) : null) ?? BuildFailure.Of(exited.ErrorTail),
        ProcessOutcome.NotFound => new RealisationOutcome.Unavailable(NixTrouble.NotInstalled),
        _ => throw new UnreachableException(),
    };
}

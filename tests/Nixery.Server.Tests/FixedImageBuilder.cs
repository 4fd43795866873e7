using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Server.Tests;

/// <summary>
/// A builder without Nix: a few packages in a store folder of the test's own, and a name for each way that a build can end.
/// </summary>
internal sealed class FixedImageBuilder(string store) : IImageBuilder
{
    private static readonly StorePath Library = StorePath.Parse($"/nix/store/{new string('1', 32)}-libhello-1.0");

    /// <summary>Waited for by each realisation.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Waited for by each evaluation.</summary>
    public Task EvaluationGate { get; set; } = Task.CompletedTask;

    /// <summary>How evaluations end, in place of the answers to the names.</summary>
    public EvaluationOutcome? Ending { get; set; }

    public int Realisations { get; private set; }

    public bool HasBrokenCertificates { get; set; }

    public int Evaluations { get; private set; }

    public IReadOnlyList<string> LastAsked { get; private set; } = [];

    public async Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        Evaluations++;
        LastAsked = [.. names.Select(n => n.Text)];
        await EvaluationGate.WaitAsync(cancellationToken);
        return Ending ?? names.Select(n => n.Text).FirstOrDefault(n => n.StartsWith("evaluation-", StringComparison.Ordinal)) switch
        {
            "evaluation-unavailable" => new EvaluationOutcome.Unavailable("Nix is not installed"),
            "evaluation-too-long" => new EvaluationOutcome.TimedOut(TimeSpan.FromSeconds(7)),
            "evaluation-bug" => throw new InvalidOperationException("a bug with a secret in it"),
            "evaluation-disk" => throw new IOException("disk full at /some/place"),
            _ => new EvaluationOutcome.Answered([.. names.Select(Answer)], DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)),
        };
    }

    public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
        Task.FromResult<ListingOutcome>(new ListingOutcome.Listed([.. new[] { "git", "hello", "missing", "unfree" }.Select(PackageName.Parse)]));

    public async Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken)
    {
        Realisations++;
        await Gate.WaitAsync(cancellationToken);
        return packages.Select(p => p.AttributePath).FirstOrDefault(n => n.StartsWith("build-", StringComparison.Ordinal)) switch
        {
            "build-fails" => new RealisationOutcome.Failed("build-fails-1.0", "the build of build-fails-1.0 failed: no such header"),
            "build-too-long" => new RealisationOutcome.TimedOut(TimeSpan.FromSeconds(7)),
            "build-unavailable" => new RealisationOutcome.Unavailable("the disk of the Nix store is full"),
            _ => new RealisationOutcome.Realised(new FixedRealisation(ClosureOf(packages))),
        };
    }

    private PackageAnswer Answer(PackageName name) => name.Text switch
    {
        "cacert" when HasBrokenCertificates => new PackageAnswer.Refused(name, RefusalReason.EvaluationFailed, "cacert cannot be evaluated: no such file"),
        "missing" => new PackageAnswer.NotFound(name, ["hello", "mission"], []),
        "alone" => new PackageAnswer.NotFound(name, [], []),
        "unfree" => new PackageAnswer.Refused(name, RefusalReason.Unfree, "the package 'unfree' has an unfree licence (bsl11)"),
        "insecure" => new PackageAnswer.Refused(name, RefusalReason.Insecure, "insecure is marked as insecure; NIXPKGS_ALLOW_INSECURE=1"),
        "broken" => new PackageAnswer.Refused(name, RefusalReason.Broken, "broken is marked as broken; NIXPKGS_ALLOW_BROKEN=1"),
        "foreign" => new PackageAnswer.Refused(name, RefusalReason.UnsupportedPlatform, "foreign is not available for linux/amd64"),
        "cacert" or "iana-etc" => new PackageAnswer.NotFound(name, [], []),
        var text => new PackageAnswer.Available(name, new Package(
            text, $"{text}-1.0", "1.0", PathOf(text, ".drv"), [new PackageOutput("out", PathOf(text, ""))], text, "A package", ["MIT"])),
    };

    private ClosureGraph ClosureOf(IReadOnlyList<Package> packages)
    {
        Write(Library, "lib", "libhello.so", 100_000);
        var roots = packages.Select(p => p.Outputs[0].Path).ToList();
        foreach (var package in packages)
        {
            Write(package.Outputs[0].Path, "bin", package.AttributePath, 1000);
        }

        return ClosureGraph.Of(
            [
                new(Library, NarSizeOf("lib", "libhello.so", 100_000), []),
                .. packages.Select(p => new ClosureNode(p.Outputs[0].Path, NarSizeOf("bin", p.AttributePath, 1000), [Library])),
            ],
            roots);
    }

    private static long NarSizeOf(string folder, string name, int size) =>
        NarSize.Header + NarSize.Directory + NarSize.Entry(folder) + NarSize.Directory + NarSize.Entry(name) + NarSize.File(size, isExecutable: false);

    private void Write(StorePath path, string folder, string name, int size)
    {
        var file = Path.Combine(store, path.BaseName, folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, new byte[size]);
    }

    // The name itself stands for the hash; its letters are brought into Nix's alphabet.
    private static StorePath PathOf(string name, string suffix)
    {
        var hash = string.Concat(name.Select(c => "eotu-._".Contains(c, StringComparison.Ordinal) ? '9' : c)).PadRight(32, '0')[..32];
        return StorePath.Parse($"/nix/store/{hash}-{name}-1.0{suffix}");
    }

    private sealed class FixedRealisation(ClosureGraph closure) : Realisation(closure)
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Server.Tests;

/// <summary>
/// A builder without Nix: a few packages in a store folder of the test's own, and a name for each way that a build can end.
/// </summary>
internal sealed class FixedImageBuilder(string store) : IImageBuilder, IStoreForesight
{
    private const int LargeBytes = 2_000_000;

    /// <summary>Of each package `block-N`.</summary>
    public const int BlockBytes = 160_000;

    private static readonly StorePath Library = StorePath.Parse($"/nix/store/{new string('1', 32)}-libhello-1.0");

    private readonly Lock _writing = new();

    /// <summary>Waited for by each realisation.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Waited for by each evaluation.</summary>
    public Task EvaluationGate { get; set; } = Task.CompletedTask;

    /// <summary>How evaluations end, in place of the answers to the names.</summary>
    public EvaluationOutcome? Ending { get; set; }

    public int Realisations { get; private set; }

    /// <summary>Whether a binary cache has everything, and the library has come from it already.</summary>
    public bool CanForesee { get; set; }

    /// <summary>The size of the library that all packages need.</summary>
    public long LibraryBytes { get; set; } = 100_000;

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
            _ => new RealisationOutcome.Realised(new FixedRealisation(Realise(packages))),
        };
    }

    public Task<ClosureGraph?> ForeseeAsync(IReadOnlyList<StorePath> outputs, CancellationToken cancellationToken)
    {
        if (!CanForesee)
        {
            return Task.FromResult<ClosureGraph?>(null);
        }

        Write(Library, "lib", "libhello.so", LibraryBytes);
        return Task.FromResult<ClosureGraph?>(ClosureOf(outputs.Select(o => (o, o.Name[..o.Name.LastIndexOf('-')]))));
    }

    public Task<IReadOnlySet<StorePath>> FindPresentAsync(IReadOnlyCollection<StorePath> paths, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<StorePath>>(paths.Where(p => p == Library).ToHashSet());

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

    private ClosureGraph Realise(IReadOnlyList<Package> packages)
    {
        Write(Library, "lib", "libhello.so", LibraryBytes);
        foreach (var package in packages)
        {
            Write(package.Outputs[0].Path, "bin", package.AttributePath, SizeOf(package.AttributePath));
        }

        return ClosureOf(packages.Select(p => (p.Outputs[0].Path, p.AttributePath)));
    }

    private ClosureGraph ClosureOf(IEnumerable<(StorePath Output, string Name)> packages)
    {
        var nodes = packages.Select(p => new ClosureNode(p.Output, NarSizeOf("bin", p.Name, SizeOf(p.Name)), [Library])).ToList();
        return ClosureGraph.Of([new(Library, NarSizeOf("lib", "libhello.so", LibraryBytes), []), .. nodes], nodes.Select(n => n.Path));
    }

    /// <summary>`large` makes a layer that nobody keeps in memory, and each `block-N` one of its own.</summary>
    private static int SizeOf(string name) => name == "large" ? LargeBytes : name.StartsWith("block-", StringComparison.Ordinal) ? BlockBytes : 1000;

    private static long NarSizeOf(string folder, string name, long size) =>
        NarSize.Header + NarSize.Directory + NarSize.Entry(folder) + NarSize.Directory + NarSize.Entry(name) + NarSize.File(size, isExecutable: false);

    private void Write(StorePath path, string folder, string name, long size)
    {
        var file = Path.Combine(store, path.BaseName, folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        lock (_writing)
        {
            // As in a store: what is there whole is not written again, images that are packed meanwhile read it.
            if (new FileInfo(file) is not { Exists: true } there || there.Length != size)
            {
                using var written = File.Create(file);
                written.SetLength(size);
                if (size is LargeBytes or BlockBytes)
                {
                    // Does not become small by compression, and is the same each time.
                    var content = new byte[size];
                    new Random(name.Sum(c => c) + (name[^1] * 1000)).NextBytes(content);
                    written.Write(content);
                }
            }

            Directory.SetLastWriteTimeUtc(Path.Combine(store, path.BaseName), DateTime.UnixEpoch.AddSeconds(1));
        }
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

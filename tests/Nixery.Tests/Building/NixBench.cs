using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Building;

/// <summary>A builder on the real Nix of this machine, with its own environment, roots folder and time; asks no cache.</summary>
internal sealed class NixBench : IDisposable
{
    public static readonly PinnedSource Fixture = new PinnedSource.Folder(Path.Combine(TestFiles.Repository, "tests", "fixtures", "packages"), new string('0', 64));

    private readonly Dictionary<string, string> _environment = new()
    {
        ["NIX_CONFIG"] = "sandbox = false\nbuild-users-group =\nsubstituters =\ndownload-attempts = 1",
        ["NIXERY_TEST_TOKEN"] = Guid.NewGuid().ToString("N"),
    };

    public NixBench()
    {
        Folder = Directory.CreateTempSubdirectory("nixery-test-").FullName;
        Directory.CreateDirectory(RootsPath);
        Process = new NixProcess(Time, Log);
    }

    public ManualTime Time { get; } = new();

    public LineLog Log { get; } = new();

    public NixProcess Process { get; }

    /// <summary>Empty at first; gone with this.</summary>
    public string Folder { get; }

    public string RootsPath => Path.Combine(Folder, "roots");

    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    public bool SubstituteOnly { get; set; }

    public NixBench With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public NixImageBuilder Builder() =>
        new(Process, new NixOptions { RootsPath = RootsPath, Timeout = Timeout, SubstituteOnly = SubstituteOnly, Environment = _environment }, Time);

    /// <summary>A package set of its own, of this text.</summary>
    public PinnedSource.Folder Set(string text)
    {
        File.WriteAllText(Path.Combine(Folder, "default.nix"), text);
        return new PinnedSource.Folder(Folder, new string('1', 64));
    }

    public Task<EvaluationOutcome> EvaluateAsync(PinnedSource source, params string[] names) =>
        Builder().EvaluateAsync(source, Platform.Amd64, [.. names.Select(PackageName.Parse)], CancellationToken.None);

    public async Task<IReadOnlyList<PackageAnswer>> AnswersAsync(params string[] names) =>
        (await EvaluateAsync(Fixture, names)).Should().BeOfType<EvaluationOutcome.Answered>().Which.Answers;

    public async Task<PackageAnswer> AnswerAsync(string name) => (await AnswersAsync(name)).Should().ContainSingle().Subject;

    public async Task<Package> PackageAsync(string name) =>
        (await AnswerAsync(name)).Should().BeOfType<PackageAnswer.Available>().Which.Package;

    public async Task<string> RunAsync(string program, params string[] arguments) =>
        (await Process.RunAsync(new ProcessCommand(program, arguments, _environment), TimeSpan.FromMinutes(1), CancellationToken.None))
        .Should().BeOfType<ProcessOutcome.Exited>().Which.Output;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Tests on the real Nix run one after the other: the machine has few processors and one store.</summary>
[CollectionDefinition(Name)]
public sealed class NixCollection
{
    public const string Name = "Nix";
}

using System.Diagnostics;
using System.Text.Json;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Building.Nix;

/// <summary>
/// Questions to one package set for one platform: each runs <c>Evaluate.nix</c> once. All of them together have to be
/// answered within the options' timeout.
/// </summary>
internal sealed class NixQuestion(NixProcess process, NixOptions options, TimeProvider time, PinnedSource source, Platform platform)
{
    private static readonly string Expression = ReadExpression();

    /// <summary>A pinned address never changes what it gives, so Nix need not ask for it again within a year (seconds).</summary>
    private const string PinnedForEver = "31536000";

    private const string DownloadAnew = "0";

    private const string RequestVariable = "NIXERY_REQUEST";

    private readonly long _started = time.GetTimestamp();

    public Platform Platform => platform;

    /// <summary>Where the settings of the package set are.</summary>
    public string Settings => source.Arguments.Settings;

    /// <summary>Asks for <paramref name="names"/>; a package that throws is an answer.</summary>
    public Task<NixReply> AskAsync(IReadOnlyList<PackageName> names, CancellationToken cancellationToken) =>
        RunAsync(Request(names, catching: true, listing: false), cancellationToken);

    /// <summary>Asks for one name so that what it throws ends the evaluation, and its text is read.</summary>
    public Task<NixReply> AskWhyAsync(PackageName name, CancellationToken cancellationToken) =>
        RunAsync(Request([name], catching: false, listing: false), cancellationToken);

    /// <summary>Asks for the names at the top of the set, as the siblings of nothing.</summary>
    public Task<NixReply> AskForNamesAsync(CancellationToken cancellationToken) =>
        RunAsync(Request([], catching: true, listing: true), cancellationToken);

    private async Task<NixReply> RunAsync(string request, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(request, PinnedForEver, cancellationToken);
        // Nix keeps what it downloaded, and half a tarball would be read again and again.
        return source is PinnedSource.Tarball && reply is NixReply.Failed failed && SourceTrouble.IsDamagedTarball(failed.ErrorTail)
            ? await RunAsync(request, DownloadAnew, cancellationToken)
            : reply;
    }

    private async Task<NixReply> RunAsync(string request, string tarballTtl, CancellationToken cancellationToken)
    {
        var left = options.Timeout - time.GetElapsedTime(_started);
        if (left <= TimeSpan.Zero)
        {
            return new NixReply.TimedOut(options.Timeout);
        }

        return await process.RunAsync(Command(request, tarballTtl), left, cancellationToken) switch
        {
            ProcessOutcome.Exited { ExitCode: 0 } exited => new NixReply.Answered(EvaluationReply.Parse(exited.Output)),
            ProcessOutcome.Exited { ExitCode: > NixTrouble.EndedBySignal } => new NixReply.Unusable(NixTrouble.EndedFromOutside),
            ProcessOutcome.Exited exited when NixTrouble.Of(exited.ErrorTail) is { } trouble => new NixReply.Unusable(trouble),
            ProcessOutcome.Exited exited => new NixReply.Failed(exited.ErrorTail),
            ProcessOutcome.TimedOut => new NixReply.TimedOut(options.Timeout),
            ProcessOutcome.NotFound => new NixReply.Unusable(NixTrouble.NotInstalled),
            _ => throw new UnreachableException(),
        };
    }

    private ProcessCommand Command(string request, string tarballTtl) => new(
        "nix-instantiate",
        [
            "--eval", "--strict", "--json", "--read-write-mode", "--option", "tarball-ttl", tarballTtl,
            "--expr", Expression,
            .. options.SubstituteOnly ? SubstituteOnly.Arguments : [],
        ],
        // Not as an argument: the list of processes would show an address with its password.
        new Dictionary<string, string>(options.Environment) { [RequestVariable] = request });

    private string Request(IReadOnlyList<PackageName> names, bool catching, bool listing) => JsonSerializer.Serialize(
        new EvaluationRequest(
            Source(),
            Config(),
            [.. source.Arguments.Overlays.Select(o => o.Path)],
            platform.NixSystem,
            [.. names.Select(n => n.Text)],
            catching,
            listing),
        EvaluationJson.Default.EvaluationRequest);

    private ConfigRequest Config()
    {
        var config = source.Arguments.Config;
        return new(config.AllowUnfree, config.AllowUnfreePackages, config.PermittedInsecurePackages);
    }

    private SourceRequest Source() => source switch
    {
        PinnedSource.Folder folder => new("folder", folder.Path, null, null),
        PinnedSource.Tarball tarball => new("tarball", null, tarball.Address.AbsoluteUri, null),
        PinnedSource.Git git => new("git", null, git.Repository, git.Commit),
        _ => throw new UnreachableException(),
    };

    private static string ReadExpression()
    {
        using var stream = typeof(NixQuestion).Assembly.GetManifestResourceStream("Nixery.Building.Nix.Evaluate.nix")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>How one run of <c>Evaluate.nix</c> ended.</summary>
internal abstract record NixReply
{
    private NixReply()
    {
    }

    public sealed record Answered(EvaluationReply Reply) : NixReply;

    /// <summary>The evaluation failed, because of the set or of one of the names.</summary>
    public sealed record Failed(string ErrorTail) : NixReply;

    /// <summary>Nix itself cannot be used.</summary>
    public sealed record Unusable(string Explanation) : NixReply;

    public sealed record TimedOut(TimeSpan Limit) : NixReply;
}

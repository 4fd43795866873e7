using System.Globalization;
using Nixery.Building.Nix;

namespace Nixery.Sources;

/// <summary>
/// Runs git, unattended, with the user's own set-up. The repository's address, which may hold a password, goes in by the
/// environment as the remote <see cref="Remote"/>: neither the list of processes shows it, nor can it be taken for an option.
/// </summary>
internal sealed class GitCommand(string repository, NixProcess process) : IDisposable
{
    public const string Remote = "nixery-packages";

    /// <summary>Clients that ask for many commits at once start no more processes than this.</summary>
    private const int MostLocal = 4;

    private readonly SemaphoreSlim _places = new(MostLocal);

    /// <summary>Nobody is there to type a password or to accept a host key.</summary>
    private readonly Dictionary<string, string> _local = new()
    {
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_ASKPASS"] = "true",
        ["GIT_SSH_COMMAND"] = Environment.GetEnvironmentVariable("GIT_SSH_COMMAND") ?? "ssh -o BatchMode=yes",
        ["LC_ALL"] = "C",
    };

    /// <summary>What git printed; null when it failed or took too long. Its words are in the log.</summary>
    public Task<string?> AskRemoteAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) => RunAsync(
        arguments, new(_local.Concat(Address())), timeout, cancellationToken);

    /// <summary>The same without a way to the remote.</summary>
    public async Task<string?> AskLocalAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(["-c", "protocol.allow=never", .. arguments], _local, timeout, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    /// <summary>After what the environment of the server configures in the same way.</summary>
    private Dictionary<string, string> Address()
    {
        var others = int.TryParse(Environment.GetEnvironmentVariable("GIT_CONFIG_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        return new()
        {
            ["GIT_CONFIG_COUNT"] = (others + 1).ToString(CultureInfo.InvariantCulture),
            [$"GIT_CONFIG_KEY_{others}"] = $"remote.{Remote}.url",
            [$"GIT_CONFIG_VALUE_{others}"] = repository,
        };
    }

    private async Task<string?> RunAsync(
        IReadOnlyList<string> arguments, Dictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken) =>
        await process.RunAsync(new ProcessCommand("git", arguments, environment), timeout, cancellationToken)
            is ProcessOutcome.Exited { ExitCode: 0, Output: var output } ? output : null;
}

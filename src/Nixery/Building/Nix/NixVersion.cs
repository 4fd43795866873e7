using System.Text.RegularExpressions;

namespace Nixery.Building.Nix;

/// <summary>Which Nix this server has.</summary>
public sealed partial class NixVersion
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly NixProcess _process;
    private volatile string? _last;

    internal NixVersion(NixProcess process) => _process = process;

    /// <summary>What the last look found: <c>2.8.0</c>; null when there was none yet, or Nix does not answer.</summary>
    public string? Last => _last;

    public async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        var command = new ProcessCommand("nix-instantiate", ["--version"], new Dictionary<string, string>());
        var outcome = await _process.RunAsync(command, Timeout, cancellationToken);
        _last = outcome is ProcessOutcome.Exited { ExitCode: 0, Output: var output } && Number().Match(output) is { Success: true } number ? number.Value : null;
        return _last;
    }

    [GeneratedRegex(@"[0-9]+\.[0-9]+[0-9A-Za-z.+_-]*")]
    private static partial Regex Number();
}

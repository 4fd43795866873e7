using System.Text.Json;
using Nixery.Closures;

namespace Nixery.Building.Nix;

/// <summary>
/// Asks the binary caches that Nix is configured with for the shape of a closure, and the store for which paths are valid.
/// docs/decisions/0011-packing-while-nix-realises.md says why in this way.
/// </summary>
internal sealed class NixForesight(NixProcess process, NixOptions options) : IStoreForesight
{
    private static readonly string[] NewCommands = ["--extra-experimental-features", "nix-command"];

    public async Task<ClosureGraph?> ForeseeAsync(IReadOnlyList<StorePath> outputs, CancellationToken cancellationToken)
    {
        foreach (var cache in await FindCachesAsync(cancellationToken))
        {
            var answer = await FindOutputAsync(
                "nix", [.. NewCommands, "path-info", "--store", cache, "--json", "--recursive", .. outputs.Select(o => o.Text)], cancellationToken);
            if (answer is not null)
            {
                return ClosureGraph.Of(NixJson.PathInfo(answer), outputs);
            }
        }

        return null;
    }

    public async Task<IReadOnlySet<StorePath>> FindPresentAsync(IReadOnlyCollection<StorePath> paths, CancellationToken cancellationToken)
    {
        var invalid = await FindOutputAsync("nix-store", ["--check-validity", "--print-invalid", .. paths.Select(p => p.Text)], cancellationToken);
        // A path that Nix says nothing of is not believed to be there.
        return invalid is null ? new HashSet<StorePath>()
            : paths.Except(invalid.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(StorePath.Parse)).ToHashSet();
    }

    private async Task<IReadOnlyList<string>> FindCachesAsync(CancellationToken cancellationToken)
    {
        var configuration = await FindOutputAsync("nix", [.. NewCommands, "show-config", "--json"], cancellationToken);
        if (configuration is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(configuration);
            return [.. document.RootElement.GetProperty("substituters").GetProperty("value").EnumerateArray().Select(s => s.GetString()!)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"the answer of 'nix show-config' cannot be read: {e.Message}", e);
        }
    }

    private async Task<string?> FindOutputAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await process.RunAsync(new ProcessCommand(program, arguments, options.Environment), options.Timeout, cancellationToken)
            is ProcessOutcome.Exited { ExitCode: 0, Output: var output } ? output : null;
}

using System.Text.Json;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class EarlyPackingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Storage => RunningServer.StorageOf(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 240_000)]
    public async Task Layers_are_stored_while_Nix_still_builds_another_package_of_the_image()
    {
        var gate = _folder.Inner("gate");
        Directory.CreateDirectory(_folder.Inner("packages"));
        _folder.Write("packages/default.nix", $$"""
            { system, ... }:
            let
              build = name: script: derivation {
                inherit name system;
                builder = "/bin/sh";
                PATH = "/usr/bin:/bin";
                args = [ "-c" "${script} echo {{Guid.NewGuid()}} > $out; exit 0" ];
              };
            in {
              early = build "early-1.0" "";
              late = build "late-1.0" "while [ -e {{gate}} ]; do sleep 0.05; done;";
            }
            """);
        Answer first;
        await using (var server = await ServeAsync())
        {
            using var client = server.CreateClient();
            first = await client.ManifestAsync("early/late");
            first.Status.Should().Be(200, first.Text);
            await server.StopAsync();
        }

        // All that is known is the closure: no layer is stored, and the garbage collector has taken the packages.
        var layers = LayersOf(first).ToList();
        (await Programs.RunAsync("sh", "-c", "nix-store --delete /nix/store/*-early-1.0 /nix/store/*-late-1.0")).Succeeded();
        foreach (var forgotten in new[] { "blobs", "records/layer", "records/image" })
        {
            Directory.Delete(Path.Combine(Storage, forgotten), recursive: true);
        }

        await File.WriteAllTextAsync(gate, "");
        await using var again = await ServeAsync();
        using var secondClient = again.CreateClient();
        var pull = secondClient.ManifestAsync("early/late");
        await Eventually.Async(() => pull.IsCompleted || layers.Any(IsStored), "the package that is there is packed");

        pull.IsCompleted.Should().BeFalse("the other one is not there yet");
        File.Delete(gate);
        (await pull).Body.Should().Equal(first.Body);
    }

    private static IEnumerable<string> LayersOf(Answer manifest) =>
        JsonDocument.Parse(manifest.Body).RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!);

    private bool IsStored(string digest)
    {
        var hex = digest["sha256:".Length..];
        return File.Exists(Path.Combine(Storage, "blobs", "sha256", hex[..2], hex));
    }

    private Task<RunningServer> ServeAsync() =>
        RunningServer.StartAsync(_folder.Path, new Dictionary<string, string?> { ["NIXERY_PKGS_PATH"] = _folder.Inner("packages") });
}

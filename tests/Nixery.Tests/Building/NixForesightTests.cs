using Nixery.Building.Nix;
using Nixery.Closures;

namespace Nixery.Tests.Building;

[Collection(NixCollection.Name)]
public sealed class NixForesightTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_binary_cache_tells_the_closure_of_what_is_not_in_the_store()
    {
        var (program, library) = await BuildAsync();
        var cache = $"file://{Path.Combine(_nix.Folder, "cache")}";
        await _nix.RunAsync("nix", "--extra-experimental-features", "nix-command", "copy", "--to", cache, program.Text);
        await _nix.RunAsync("nix-store", "--delete", program.Text);
        // The first of them has nothing.
        var foresight = Foresight($"file://{Directory.CreateDirectory(Path.Combine(_nix.Folder, "empty")).FullName} {cache}");

        var closure = await foresight.ForeseeAsync([program], CancellationToken.None);

        closure!.Nodes.Select(n => n.Path).Should().BeEquivalentTo([program, library]);
        closure.Nodes.Single(n => n.Path == program).References.Should().Contain(library);
        (await foresight.FindPresentAsync([program, library], CancellationToken.None)).Should().BeEquivalentTo([library]);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_cache_that_has_it_nothing_is_foreseen()
    {
        var (program, _) = await BuildAsync();

        (await Foresight("").ForeseeAsync([program], CancellationToken.None)).Should().BeNull();
        (await Foresight($"file://{Directory.CreateDirectory(Path.Combine(_nix.Folder, "empty")).FullName}").ForeseeAsync([program], CancellationToken.None))
            .Should().BeNull();
    }

    private NixForesight Foresight(string caches) => new(_nix.Process, new NixOptions
    {
        Environment = new Dictionary<string, string> { ["NIX_CONFIG"] = $"build-users-group =\nsubstituters = {caches}" },
    });

    /// <summary>A program that was never built before, and the library that it needs.</summary>
    private async Task<(StorePath Program, StorePath Library)> BuildAsync()
    {
        var set = Path.Combine(_nix.Folder, "pair.nix");
        await File.WriteAllTextAsync(set, $$"""
            let
              build = name: text: derivation {
                inherit name;
                system = builtins.currentSystem;
                builder = "/bin/sh";
                args = [ "-c" "echo ${text} {{Guid.NewGuid()}} > $out; exit 0" ];
              };
            in build "program-1.0" "${build "library-1.0" "text"}"
            """);
        var program = (await _nix.RunAsync("nix-build", "--no-out-link", set)).Trim();
        var references = (await _nix.RunAsync("nix-store", "--query", "--references", program)).Trim();
        return (StorePath.Parse(program), StorePath.Parse(references));
    }
}

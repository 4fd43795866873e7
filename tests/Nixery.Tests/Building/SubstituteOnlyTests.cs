using Nixery.Building;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

/// <summary>A registry that builds nothing, on the real Nix.</summary>
[Collection(NixCollection.Name)]
public sealed class SubstituteOnlyTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Fact(Timeout = Limit)]
    public async Task What_would_have_to_be_built_is_named_with_what_it_needs_and_nothing_is_built()
    {
        _nix.SubstituteOnly = true;
        var package = await PackageAsync();

        var outcome = await _nix.Builder().RealiseAsync([package], CancellationToken.None);

        outcome.Should().BeOfType<RealisationOutcome.NotInCaches>().Which.Explanation
            .Should().StartWith("wanted-1.0, needed-1.0 would have to be built");
        Path.Exists(package.Outputs[0].Path.Text).Should().BeFalse();
        Directory.EnumerateFileSystemEntries(_nix.RootsPath).Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task What_a_binary_cache_has_is_fetched()
    {
        var package = await PackageAsync();
        await using ((await _nix.Builder().RealiseAsync([package], CancellationToken.None)).Should().BeOfType<RealisationOutcome.Realised>().Which.Realisation)
        {
            await _nix.RunAsync("nix", "--extra-experimental-features", "nix-command", "copy", "--to", $"file://{_nix.Folder}/cache", package.Outputs[0].Path.Text);
        }

        await _nix.RunAsync("nix-store", "--delete", package.Outputs[0].Path.Text);
        Path.Exists(package.Outputs[0].Path.Text).Should().BeFalse();
        _nix.With("NIX_CONFIG", $"sandbox = false\nbuild-users-group =\nrequire-sigs = false\nsubstituters = file://{_nix.Folder}/cache").SubstituteOnly = true;

        await using var fetched = (await _nix.Builder().RealiseAsync([package], CancellationToken.None)).Should().BeOfType<RealisationOutcome.Realised>().Which.Realisation;

        Path.Exists(package.Outputs[0].Path.Text).Should().BeTrue();
    }

    [Fact(Timeout = Limit)]
    public async Task An_evaluation_builds_nothing_either()
    {
        _nix.SubstituteOnly = true;
        var set = _nix.Set($$"""
            { system, ... }:
            let made = derivation { name = "made-{{Guid.NewGuid():N}}"; inherit system; builder = "/bin/sh"; args = [ "-c" "echo '\"name-1.0\"' > $out; exit 0" ]; };
            in { imported = derivation { name = import made; inherit system; builder = "/bin/sh"; }; }
            """);

        var answers = (await _nix.EvaluateAsync(set, "imported")).Should().BeOfType<EvaluationOutcome.Answered>().Which.Answers;

        answers.Should().ContainSingle().Which.Should().BeOfType<PackageAnswer.Refused>();
    }

    // As Nix prints them: 2.8, 2.26, and 2.31.
    [Theory]
    [InlineData("error: unable to start any build; either increase '--max-jobs' or enable remote builds.", "something that the packages need")]
    [InlineData("error: Unable to start any build; either increase '--max-jobs' or enable remote builds.\n\n       https://nix.dev/", "something that the packages need")]
    [InlineData("this derivation will be built:\n  /nix/store/00000000000000000000000000000000-a-1.drv\nerror: Cannot build '/nix/store/00000000000000000000000000000000-a-1.drv'.\n       Reason: required system or feature not available", "a-1")]
    public void A_build_that_Nix_was_not_let_begin_is_known(string errors, string subject) =>
        SubstituteOnly.OfFailure(errors)!.Explanation.Should().StartWith($"{subject} would have to be built");

    [Fact]
    public void Another_failure_is_none_of_these() => SubstituteOnly.OfFailure("error: unable to download 'https://cache.example.com/'").Should().BeNull();

    [Fact]
    public void Of_many_derivations_the_last_are_named_and_the_others_counted()
    {
        var list = string.Concat(Enumerable.Range(1, 8).Select(i => $"  /nix/store/00000000000000000000000000000000-p{i}.drv\n"));

        SubstituteOnly.OfDryRun($"these 8 derivations will be built:\n{list}these 2 paths will be fetched (0.1 MiB download):\n  /nix/store/00000000000000000000000000000000-q")!
            .Explanation.Should().StartWith("p8, p7, p6, p5, p4 and 3 more would");
        SubstituteOnly.OfDryRun("this path will be fetched (0.1 MiB download):\n  /nix/store/00000000000000000000000000000000-q").Should().BeNull();
    }

    private async Task<Package> PackageAsync()
    {
        var set = _nix.Set($$"""
            { system, ... }:
            let build = name: script: derivation { inherit name system script; builder = "/bin/sh"; args = [ "-c" script ]; };
                needed = build "needed-1.0" "echo {{Guid.NewGuid():N}} > $out; exit 0";
            in { wanted = build "wanted-1.0" "echo ${needed} > /dev/null; echo {{Guid.NewGuid():N}} > $out; exit 0"; }
            """);
        var answers = (await _nix.EvaluateAsync(set, "wanted")).Should().BeOfType<EvaluationOutcome.Answered>().Which.Answers;
        return answers.Should().ContainSingle().Which.Should().BeOfType<PackageAnswer.Available>().Which.Package;
    }
}

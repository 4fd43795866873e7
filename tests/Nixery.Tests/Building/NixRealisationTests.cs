using System.Globalization;
using Nixery.Building;
using Nixery.Closures;

namespace Nixery.Tests.Building;

[Collection(NixCollection.Name)]
public sealed class NixRealisationTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Outputs_are_built_and_their_common_closure_is_read()
    {
        var packages = new[] { await _nix.PackageAsync("hello"), await _nix.PackageAsync("goodbye"), await _nix.PackageAsync("toolkit") };

        await using var realisation = await RealisedAsync(packages);

        var closure = realisation.Closure;
        closure.Nodes.Select(n => n.Path.Name).Should()
            .BeEquivalentTo("hello-2.0", "goodbye-2.0", "libgreet-1.2", "toolkit-3.0-bin", "toolkit-3.0-man");
        closure.Roots.Should().BeEquivalentTo(packages.SelectMany(p => p.Outputs).Select(o => o.Path));
        closure.Nodes.Single(n => n.Path.Name == "hello-2.0").References.Should().ContainSingle(r => r.Name == "libgreet-1.2");
        closure.Nodes.Should().OnlyContain(n => n.NarSizeBytes > 0 && (File.Exists(n.Path.Text) || Directory.Exists(n.Path.Text)));
    }

    [Fact(Timeout = Limit)]
    public async Task Nothing_has_an_empty_closure()
    {
        await using var realisation = await RealisedAsync([]);

        realisation.Closure.Nodes.Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task Roots_hold_each_output_until_the_realisation_is_disposed()
    {
        var package = await _nix.PackageAsync("toolkit");
        var realisation = await RealisedAsync([package]);
        foreach (var output in package.Outputs)
        {
            (await RootsOfAsync(output.Path)).Should().Contain(_nix.RootsPath);
        }

        await realisation.DisposeAsync();
        await realisation.DisposeAsync();

        Directory.EnumerateFileSystemEntries(_nix.RootsPath).Should().BeEmpty();
        (await RootsOfAsync(package.Outputs[0].Path)).Should().NotContain(_nix.RootsPath);
    }

    [Theory(Timeout = Limit)]
    [InlineData("fails", "fails-1.0", "fails-1.0 failed with exit code 3: fatal: no rule to make target")]
    [InlineData("needsfails", "fails-inside-1.0", "fails-inside-1.0 failed with exit code 1: inner trouble")]
    [InlineData("foreign", "foreign-1.0", "foreign-1.0 is in no binary cache for riscv64-linux, and this server cannot build for it")]
    public async Task A_failed_build_names_the_derivation_and_the_line_that_matters(string name, string derivation, string explanation)
    {
        var outcome = await RealiseAsync([await _nix.PackageAsync(name)]);

        outcome.Should().Be(new RealisationOutcome.Failed(derivation, explanation));
        Directory.EnumerateFileSystemEntries(_nix.RootsPath).Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task A_build_may_print_a_hundred_thousand_lines()
    {
        await using var realisation = await RealisedAsync([await _nix.PackageAsync("noisy")]);

        await _nix.Log.LineWith("noise line 99999");
        realisation.Closure.Nodes.Should().ContainSingle();
    }

    [Fact(Timeout = Limit)]
    public async Task A_derivation_that_was_collected_is_said_to_be_gone()
    {
        var package = await _nix.PackageAsync("hello");
        var collected = package with { DerivationPath = StorePath.Parse($"/nix/store/{new string('0', 32)}-hello-2.0.drv") };

        (await RealiseAsync([collected])).Should().BeOfType<RealisationOutcome.DerivationGone>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_cancel_kills_Nix_and_its_builder()
    {
        using var cancel = new CancellationTokenSource();
        var realising = _nix.Builder().RealiseAsync([await _nix.PackageAsync("slow")], cancel.Token);
        var builders = await BuildersAsync();
        await cancel.CancelAsync();

        await realising.Awaiting(r => r).Should().ThrowAsync<OperationCanceledException>();
        await Task.WhenAll(builders.Select(Processes.GoneAsync));
        Directory.EnumerateFileSystemEntries(_nix.RootsPath).Should().BeEmpty();
    }

    [Fact(Timeout = Limit)]
    public async Task The_watchdog_kills_what_takes_too_long()
    {
        var realising = RealiseAsync([await _nix.PackageAsync("slow")]);
        var builders = await BuildersAsync();
        _nix.Time.Advance(_nix.Timeout);

        (await realising).Should().Be(new RealisationOutcome.TimedOut(_nix.Timeout));
        await Task.WhenAll(builders.Select(Processes.GoneAsync));
    }

    [Fact(Timeout = Limit)]
    public async Task The_timeout_of_Nix_itself_is_the_same_outcome()
    {
        using var hasty = new NixBench { Timeout = TimeSpan.FromSeconds(1) };
        var outcome = await hasty.Builder().RealiseAsync([await hasty.PackageAsync("slow")], CancellationToken.None);

        // Time stands still for the watchdog, so this was Nix.
        outcome.Should().Be(new RealisationOutcome.TimedOut(TimeSpan.FromSeconds(1)));
    }

    private Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages) =>
        _nix.Builder().RealiseAsync(packages, CancellationToken.None);

    private async Task<Realisation> RealisedAsync(IReadOnlyList<Package> packages) =>
        (await RealiseAsync(packages)).Should().BeOfType<RealisationOutcome.Realised>().Which.Realisation;

    private Task<string> RootsOfAsync(StorePath path) => _nix.RunAsync("nix-store", "--query", "--roots", path.Text);

    /// <summary>The processes of the build of <c>slow</c>, when it runs.</summary>
    private async Task<int[]> BuildersAsync() =>
        [.. (await _nix.Log.LineWith("started")).Split(' ')[^2..].Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
}

using Nixery.Building;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

/// <summary>What Nix of several versions prints when a realisation fails.</summary>
public sealed class BuildFailureTests
{
    private const string NoRights = "Nix on this server may not write its store: the server's user lacks the rights, or the store is read-only";
    private const string Hash = "/nix/store/582b57969vng491yjkli9i6cz9ylg9x4-";

    [Theory]
    [InlineData($"building '{Hash}foo-1.drv'...\ncompiling\nfatal: no rule\nerror: builder for '{Hash}foo-1.drv' failed with exit code 3", "foo-1 failed with exit code 3: fatal: no rule")]
    [InlineData($"error: builder for '{Hash}foo-1.drv' failed with exit code 1;\n       last 2 log lines:\n       > one\n       > two\n       For full logs, run:\n         nix log x\nerror: 1 dependencies of derivation '{Hash}bar.drv' failed to build", "foo-1 failed with exit code 1: two")]
    [InlineData($"error: Cannot build '{Hash}foo-1.drv'.\n       Reason: builder failed with exit code 2.\n       Output paths:\n         {Hash}foo-1\n       Last 1 log lines:\n       > oops\n", "foo-1 builder failed with exit code 2: oops")]
    [InlineData($"error: builder for '{Hash}foo-1.drv' failed due to signal 9 (Killed)", "foo-1 failed due to signal 9 (Killed)")]
    public void The_first_failed_derivation_is_named_with_the_last_line_of_its_log(string output, string explanation) =>
        BuildFailure.Of(output).Should().Be(new RealisationOutcome.Failed("foo-1", explanation));

    [Theory]
    [InlineData($"curl: (6) Could not resolve host: example.invalid\nerror: builder for '{Hash}foo-1.tar.gz.drv' failed with exit code 1", "foo-1.tar.gz cannot be downloaded now: curl: (6) Could not resolve host: example.invalid")]
    [InlineData("error: unable to download 'https://example.invalid/x': Couldn't connect to server (7)", "something that the packages need cannot be downloaded now: error: unable to download 'https://example.invalid/x': Couldn't connect to server (7)")]
    public void A_fault_of_the_network_is_not_held_against_the_package(string output, string explanation) =>
        BuildFailure.Of(output).Should().Be(new RealisationOutcome.Unavailable(explanation));

    [Fact]
    public void A_derivation_for_another_machine_is_said_to_be_in_no_cache() =>
        BuildFailure.Of($"error: a 'aarch64-linux' with features {{}} is required to build '{Hash}foo-1.drv', but I am a 'x86_64-linux'")
            .Should().Be(new RealisationOutcome.Failed("foo-1", "foo-1 is in no binary cache for aarch64-linux, and this server cannot build for it"));

    [Fact]
    public void A_collected_derivation_is_a_case_of_its_own() =>
        BuildFailure.Of($"don't know how to build these paths:\n  {Hash}x.drv\nerror: cannot build missing derivation '{Hash}x.drv'")
            .Should().BeOfType<RealisationOutcome.DerivationGone>();

    [Theory]
    [InlineData("error: writing to file: No space left on device", "the disk of this server is full")]
    [InlineData("error: executing SQLite statement 'create table x\n\n);\n': database or disk is full (in '/nix/var/nix/db/db.sqlite')", "the disk of this server is full")]
    [InlineData("error: remounting /nix/store writable: Invalid argument", NoRights)]
    [InlineData("error: could not set permissions on '/nix/var/nix/profiles/per-user' to 755: Operation not permitted", NoRights)]
    [InlineData("error: creating directory '/nix/store': Permission denied", NoRights)]
    [InlineData("error: opening lock file '/nix/var/nix/db/big-lock': Permission denied", NoRights)]
    [InlineData("error: cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Connection refused", "the Nix daemon of this server cannot be reached")]
    [InlineData("error: the group 'nixbld' specified in 'build-users-group' does not exist", "Nix on this server cannot build: it runs as root and has no build users (in NIX_CONFIG, 'build-users-group =' does without)")]
    public void The_machine_at_fault_makes_Nix_unavailable(string output, string explanation) =>
        BuildFailure.Of(output).Should().Be(new RealisationOutcome.Unavailable(explanation));

    [Theory]
    [InlineData("error: evaluation aborted with the following error message: 'This version of Nixpkgs requires Nix >= 2.18, please upgrade: x'", "the package set needs Nix 2.18 or newer, and this server has an older one")]
    [InlineData("error: evaluation aborted with the following error message: '\n  This version of Nixpkgs requires an implementation of Nix with the following features:\n  - `builtins.nixVersion` reports at least 2.18\n'", "the package set needs Nix 2.18 or newer, and this server has an older one")]
    [InlineData("error: unable to download 'https://host.invalid/x.tar.gz': HTTP error 404", "the package set cannot be downloaded: unable to download 'https://host.invalid/x.tar.gz': HTTP error 404")]
    [InlineData("error: Failed to open archive (Source threw exception: error: unable to download 'http://h.invalid/x': Could not connect to server (7) Failed to connect)", "the package set cannot be downloaded: unable to download 'http://h.invalid/x': Could not connect to server (7) Failed to connect")]
    [InlineData("error: syntax error, unexpected '}', expecting ';'\n\n       at /a/default.nix:1:2:", "the package set does not parse: syntax error, unexpected '}', expecting ';'")]
    [InlineData("fatal: repository 'https://host.invalid/r/' not found\nerror: program 'git' failed with exit code 128", "the package set's git repository cannot be read: repository 'https://host.invalid/r/' not found")]
    public void A_set_that_cannot_be_read_says_why(string output, string explanation) => SourceTrouble.Of(output).Should().Be(explanation);
}

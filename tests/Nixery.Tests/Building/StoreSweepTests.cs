using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Building;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

/// <summary>With the real Nix, on a store of the test's own: nobody else's garbage is collected.</summary>
public sealed class StoreSweepTests : IDisposable
{
    private const int Limit = 120_000;
    private const int FileBytes = 1_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly NixProcess _process = new(TimeProvider.System, NullLogger<NixProcess>.Instance);
    private readonly KeptRoots _kept = new(areKept: true);

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Within_the_limit_nothing_goes()
    {
        var garbage = await AddAsync("garbage");

        await SweepAsync(maxBytes: 100 * FileBytes);

        File.Exists(garbage).Should().BeTrue();
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_being_packed_stays_however_low_the_limit_is()
    {
        var (packed, garbage) = (await AddAsync("packed"), await AddAsync("garbage"));
        await HoldAsync(packed);

        await SweepAsync(maxBytes: 1);

        File.Exists(packed).Should().BeTrue("a root holds it that nobody has let go of");
        File.Exists(garbage).Should().BeFalse();
    }

    [Fact(Timeout = Limit)]
    public async Task What_was_not_realised_for_longest_goes_first_and_no_more_than_must()
    {
        var (old, recent) = (await AddAsync("old"), await AddAsync("recent"));
        _kept.LetGo("old", await HoldAsync(old));
        _kept.LetGo("recent", await HoldAsync(recent));

        await SweepAsync(maxBytes: FileBytes * 3 / 2);

        File.Exists(old).Should().BeFalse();
        File.Exists(recent).Should().BeTrue();
        _kept.Count.Should().Be(1);
    }

    [Fact(Timeout = Limit)]
    public async Task A_disk_that_has_too_little_free_is_a_reason_too()
    {
        var garbage = await AddAsync("garbage");
        long?[] free = [0, 2 * FileBytes];
        var looks = 0;

        await SweepAsync(new NixOptions { StoreMinFreeBytes = FileBytes }, () => free[looks++]);

        File.Exists(garbage).Should().BeFalse();
        looks.Should().Be(2, "it looks again whether that was enough, and then ends");
    }

    [Fact(Timeout = Limit)]
    public async Task Roots_of_the_same_outputs_are_kept_once()
    {
        var path = await AddAsync("twice");
        _kept.LetGo("twice", await HoldAsync(path));
        _kept.LetGo("twice", await HoldAsync(path));

        _kept.Count.Should().Be(1);
        Directory.EnumerateDirectories(RootsPath).Should().ContainSingle();
    }

    [Theory]
    [InlineData("/nix/store/a\t100\n/nix/store/b   20\n", 120L)]
    [InlineData("", 0L)]
    [InlineData("/nix/store/a\t1.5 GiB\n", null)]
    [InlineData("[ \"/nix/store/a\" ]", null)]
    public void The_sizes_in_the_store_are_added_and_what_is_no_size_is_no_sum(string lines, long? bytes) => StoreSweep.SizeOf(lines).Should().Be(bytes);

    [Fact(Timeout = Limit)]
    public async Task A_look_that_the_disk_does_not_let_end_is_not_the_last()
    {
        var (time, looks) = (new ManualTime(), 0);
        var options = new NixOptions { StoreMinFreeBytes = 1 };
        var sweep = new StoreSweep(
            _process, options, _kept, () => looks++ > 0 ? null : throw new UnauthorizedAccessException("not now"), NullLogger<StoreSweep>.Instance);
        using var sweeper = new StoreSweeper(sweep, new Queues(new Turns(1, 1), new Turns(1, 1)), options, time, NullLogger<StoreSweeper>.Instance);

        await sweeper.StartAsync(CancellationToken.None);
        while (looks < 2)
        {
            sweeper.ExecuteTask!.IsFaulted.Should().BeFalse();
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await sweeper.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_limits_no_roots_are_kept()
    {
        new KeptRoots(areKept: false).LetGo("a", await HoldAsync(await AddAsync("a")));

        Directory.EnumerateDirectories(RootsPath).Should().BeEmpty();
    }

    private string RootsPath => Directory.CreateDirectory(Path.Combine(_folder.Path, "roots")).FullName;

    private Dictionary<string, string> Environment => new()
    {
        ["NIX_STORE_DIR"] = Path.Combine(_folder.Path, "store"),
        ["NIX_STATE_DIR"] = Path.Combine(_folder.Path, "state"),
        ["NIX_LOG_DIR"] = Path.Combine(_folder.Path, "log"),
        ["NIX_REMOTE"] = "local",
    };

    private Task SweepAsync(long maxBytes) => SweepAsync(new NixOptions { StoreMaxBytes = maxBytes }, () => null);

    private Task SweepAsync(NixOptions options, Func<long?> findFreeBytes) => new StoreSweep(
        _process, options with { Environment = Environment }, _kept, findFreeBytes, NullLogger<StoreSweep>.Instance).RunAsync(CancellationToken.None);

    private async Task<string> AddAsync(string name)
    {
        var file = Path.Combine(_folder.Path, name);
        await File.WriteAllBytesAsync(file, new byte[FileBytes]);
        return await RunAsync("--add", file);
    }

    private async Task<HeldRoots> HoldAsync(string path)
    {
        var roots = HeldRoots.In(RootsPath);
        await RunAsync("--realise", path, "--add-root", roots.LinkPath, "--indirect");
        return roots;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var outcome = await _process.RunAsync(new ProcessCommand("nix-store", arguments, Environment), TimeSpan.FromMinutes(1), CancellationToken.None);
        return outcome.Should().BeOfType<ProcessOutcome.Exited>().Which.Should().Match<ProcessOutcome.Exited>(e => e.ExitCode == 0).And.Subject.As<ProcessOutcome.Exited>().Output.Trim();
    }
}

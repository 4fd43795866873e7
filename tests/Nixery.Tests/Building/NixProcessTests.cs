using System.Globalization;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

public sealed class NixProcessTests
{
    private const int Limit = 60_000;
    private static readonly string Dummy = Path.Combine(AppContext.BaseDirectory, "Nixery.Dummy");
    private readonly LineLog _log = new();
    private readonly ManualTime _time = new();

    [Fact(Timeout = Limit)]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        string[] arguments = ["", "two words", "\"quoted\"", "$HOME", "a\\b", "ünï"];

        var outcome = await RunAsync(["echo", .. arguments]);

        outcome.Should().BeOfType<ProcessOutcome.Exited>().Which.Output.Should().Be(string.Join('\n', arguments) + "\n");
    }

    [Fact(Timeout = Limit)]
    public async Task The_exit_code_is_a_value() =>
        (await RunAsync(["exit", "7"])).Should().Be(new ProcessOutcome.Exited(7, "", ""));

    [Fact(Timeout = Limit)]
    public async Task A_missing_program_is_a_value()
    {
        var outcome = await Process().RunAsync(Command("no-such-program-anywhere", []), TimeSpan.FromHours(1), CancellationToken.None);

        outcome.Should().Be(new ProcessOutcome.NotFound("no-such-program-anywhere"));
    }

    [Fact(Timeout = Limit)]
    public async Task Standard_input_is_empty() => (await OutputAsync(["count-input"])).Should().Be("0\n");

    [Fact(Timeout = Limit)]
    public async Task The_environment_is_ours_and_what_the_command_adds()
    {
        (await OutputAsync(["print-environment", "ADDED"])).Should().Be("by the command\n");
        (await OutputAsync(["print-environment", "PATH"])).Should().Be(Environment.GetEnvironmentVariable("PATH") + "\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_flood_of_errors_neither_blocks_nor_is_kept()
    {
        var outcome = await RunAsync(["flood-errors", "100000"]);

        var tail = outcome.Should().BeOfType<ProcessOutcome.Exited>().Which.ErrorTail;
        tail.Should().EndWith("line 99999\nline 100000");
        tail.Length.Should().BeInRange(ErrorTail.MaxCharacters / 2, ErrorTail.MaxCharacters);
    }

    [Fact(Timeout = Limit)]
    public async Task Both_pipes_are_drained_at_once()
    {
        var outcome = await RunAsync(["flood-both", "100000"]);

        var exited = outcome.Should().BeOfType<ProcessOutcome.Exited>().Subject;
        exited.Output.Split('\n').Should().HaveCount(100_001);
        exited.ErrorTail.Should().EndWith("line 100000");
    }

    [Fact(Timeout = Limit)]
    public async Task A_line_without_end_is_cut()
    {
        var outcome = await RunAsync(["flood-without-newline", "10000000"]);

        outcome.Should().BeOfType<ProcessOutcome.Exited>().Which.ErrorTail.Should().HaveLength(ErrorTail.MaxLineCharacters);
    }

    [Fact(Timeout = Limit)]
    public async Task Too_much_output_ends_the_program()
    {
        var run = () => RunAsync(["flood-output", (NixProcess.MaxOutputBytes + 1).ToString(CultureInfo.InvariantCulture)]);

        await run.Should().ThrowAsync<InvalidDataException>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_program_that_takes_too_long_is_killed()
    {
        var run = Process().RunAsync(Command(Dummy, ["sleep"]), TimeSpan.FromMinutes(5), CancellationToken.None);
        await _log.LineWith("sleeping");
        _time.Advance(TimeSpan.FromMinutes(5));

        (await run).Should().Be(new ProcessOutcome.TimedOut(TimeSpan.FromMinutes(5)));
    }

    [Fact(Timeout = Limit)]
    public async Task After_a_cancel_child_and_grandchild_are_gone()
    {
        using var cancel = new CancellationTokenSource();
        var run = Process().RunAsync(Command(Dummy, ["sleep-with-child"]), TimeSpan.FromHours(1), cancel.Token);
        var words = (await _log.LineWith("grandchild")).Split(' ');
        await cancel.CancelAsync();

        await run.Awaiting(r => r).Should().ThrowAsync<OperationCanceledException>();
        await Processes.GoneAsync(int.Parse(words[^3], CultureInfo.InvariantCulture));
        await Processes.GoneAsync(int.Parse(words[^1], CultureInfo.InvariantCulture));
    }

    [Fact(Timeout = Limit)]
    public async Task A_program_that_is_stuck_ends_after_its_time_with_child_and_grandchild()
    {
        var run = Process().RunAsync(Command(Dummy, ["sleep-with-child"]), TimeSpan.FromMinutes(5), CancellationToken.None);
        var words = (await _log.LineWith("grandchild")).Split(' ');
        _time.Advance(TimeSpan.FromMinutes(5));

        (await run).Should().Be(new ProcessOutcome.TimedOut(TimeSpan.FromMinutes(5)));
        await Processes.GoneAsync(int.Parse(words[^3], CultureInfo.InvariantCulture));
        await Processes.GoneAsync(int.Parse(words[^1], CultureInfo.InvariantCulture));
    }

    [Fact(Timeout = Limit)]
    public async Task A_cancelled_token_starts_nothing()
    {
        var run = () => Process().RunAsync(Command(Dummy, ["exit", "0"]), TimeSpan.FromHours(1), new CancellationToken(canceled: true));

        await run.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_grandchild_that_holds_the_pipes_does_not_hold_us()
    {
        var output = await OutputAsync(["leave-grandchild"]);

        output.Should().StartWith("grandchild ");
        using var left = System.Diagnostics.Process.GetProcessById(int.Parse(output.Split(' ')[1], CultureInfo.InvariantCulture));
        left.Kill();
    }

    [Fact(Timeout = Limit)]
    public async Task Secrets_of_addresses_are_neither_kept_nor_logged()
    {
        var outcome = await Process().RunAsync(
            Command("/bin/sh", ["-c", "echo cloning https://someone:pass-word@host.invalid/repo >&2"]), TimeSpan.FromHours(1), CancellationToken.None);

        outcome.Should().Be(new ProcessOutcome.Exited(0, "", "cloning https://host.invalid/repo"));
        (await _log.LineWith("cloning")).Should().NotContain("pass-word");
    }

    private static ProcessCommand Command(string program, string[] arguments) =>
        new(program, arguments, new Dictionary<string, string> { ["ADDED"] = "by the command" });

    private NixProcess Process() => new(_time, _log);

    private Task<ProcessOutcome> RunAsync(string[] arguments) =>
        Process().RunAsync(Command(Dummy, arguments), TimeSpan.FromHours(1), CancellationToken.None);

    private async Task<string> OutputAsync(string[] arguments) =>
        (await RunAsync(arguments)).Should().BeOfType<ProcessOutcome.Exited>().Which.Output;
}

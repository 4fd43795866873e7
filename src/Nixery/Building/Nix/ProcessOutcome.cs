namespace Nixery.Building.Nix;

/// <summary>One program to run: its name as PATH finds it, its arguments, and what its environment has beyond ours.</summary>
internal sealed record ProcessCommand(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

/// <summary>How a process ended.</summary>
internal abstract record ProcessOutcome
{
    private ProcessOutcome()
    {
    }

    /// <summary>It ended by itself.</summary>
    /// <param name="ExitCode">128 + n when signal n ended it.</param>
    /// <param name="Output">All of its standard output.</param>
    /// <param name="ErrorTail">The last lines of its standard error, without secrets.</param>
    public sealed record Exited(int ExitCode, string Output, string ErrorTail) : ProcessOutcome;

    /// <summary>It ran longer than it may and was killed with all that it had started.</summary>
    public sealed record TimedOut(TimeSpan Limit) : ProcessOutcome;

    /// <summary>There is no such program.</summary>
    public sealed record NotFound(string Program) : ProcessOutcome;
}

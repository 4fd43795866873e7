using System.CommandLine;
using Microsoft.Extensions.Options;

namespace Nixery.Server.Commands;

/// <summary>What all verbs do when what they need cannot be put together: say all that is wrong, and an exit code.</summary>
internal static class Starting
{
    public static async Task<int> RunAsync(ParseResult parsed, Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (OptionsValidationException e)
        {
            return await RefuseAsync(parsed, e.Failures);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written, a port that is taken: the system's sentence names it.
            await SayAsync(parsed, [e.Message]);
            return 1;
        }
    }

    /// <summary>The same for a verb that may be interrupted, and says then what becomes of what it has done.</summary>
    public static Task<int> RunAsync(ParseResult parsed, string afterInterrupt, Func<Task<int>> verb, CancellationToken cancellationToken) => RunAsync(parsed, async () =>
    {
        try
        {
            return await verb();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"nixery {parsed.CommandResult.Command.Name}: interrupted; {afterInterrupt}");
            return 130;
        }
    });

    /// <returns>The exit code for settings that are not right.</returns>
    public static async Task<int> RefuseAsync(ParseResult parsed, IEnumerable<string> problems)
    {
        await SayAsync(parsed, problems);
        return 2;
    }

    private static Task SayAsync(ParseResult parsed, IEnumerable<string> problems) => parsed.InvocationConfiguration.Error.WriteLineAsync(
        "nixery cannot start:\n" + string.Join('\n', problems.Select(p => "  - " + p)));
}

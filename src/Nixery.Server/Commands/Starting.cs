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
            await SayAsync(parsed, e.Failures);
            return 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written, a port that is taken: the system's sentence names it.
            await SayAsync(parsed, [e.Message]);
            return 1;
        }
    }

    private static Task SayAsync(ParseResult parsed, IEnumerable<string> problems) => parsed.InvocationConfiguration.Error.WriteLineAsync(
        "nixery cannot start:\n" + string.Join('\n', problems.Select(p => "  - " + p)));
}

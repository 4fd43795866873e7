using System.CommandLine;
using System.Globalization;

namespace Nixery.Bench;

/// <summary><c>bench soak</c>: many clients at once for a while, and a table of what became of them. <c>scripts/soak</c> has the server.</summary>
internal static class SoakVerb
{
    private static readonly Option<string> Address = new("--address") { Required = true };
    private static readonly Option<int> Seconds = new("--seconds") { Required = true };
    private static readonly Option<int> Clients = new("--clients") { Required = true };

    /// <summary>Has the server's process in it, or a word while there is none.</summary>
    private static readonly Option<string> ProcessFile = new("--process-file") { Required = true };

    public static Command Create()
    {
        var verb = new Command("soak", "Many clients at once for a while.") { Address, Seconds, Clients, ProcessFile };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var counts = new SoakCounts(parsed.GetRequiredValue(ProcessFile));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(TimeSpan.FromSeconds(parsed.GetRequiredValue(Seconds)));
            var clients = Enumerable.Range(0, parsed.GetRequiredValue(Clients)).Select(async i =>
            {
                using var client = new SoakClient(new Uri(parsed.GetRequiredValue(Address)), new Random(i), counts);
                await client.RunAsync(end.Token);
            });
            await Task.WhenAll([.. clients, counts.WatchMemoryAsync(end.Token)]);
            await parsed.InvocationConfiguration.Output.WriteAsync(Table(counts, parsed.GetRequiredValue(Seconds), parsed.GetRequiredValue(Clients)));
            return counts.IsGood ? 0 : 1;
        });
        return verb;
    }

    private static string Table(SoakCounts counts, int seconds, int clients)
    {
        var rows = counts.Rows.Prepend(("clients", Number(clients))).Prepend(("seconds", Number(seconds)));
        return "| what | figure |\n|---|---|\n" + string.Concat(rows.Select(r => $"| {r.Item1} | {r.Item2} |\n"));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.CommandLine;
using Nixery.Pulls;

namespace Nixery.Server.Commands;

/// <summary><c>nixery verify</c>: reads what is stored once more, and with <c>--repair</c> removes what is not right.</summary>
internal static class VerifyCommand
{
    private static readonly Option<bool> Repair = new("--repair")
    {
        Description = "Remove what is damaged, and what names it; it is made again when it is asked for.",
    };

    public static Command Create()
    {
        var command = new Command("verify", "Read all that is stored, and say what is damaged or missing. Servers may go on meanwhile.") { Repair, SettingOption.Set, SettingOption.File };
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(parsed, () => VerifyAsync(parsed, cancellationToken)));
        return command;
    }

    /// <returns>0 when all is right, or was removed; 1 when something is not right.</returns>
    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        await using var app = RegistryHost.BuildForVerb(SettingOption.Read(parsed));
        var found = await app.Services.GetRequiredService<StorageCheck>().RunAsync(cancellationToken);
        var repair = parsed.GetValue(Repair);
        foreach (var finding in found.Findings)
        {
            if (repair)
            {
                await finding.RemoveAsync(cancellationToken);
            }

            await output.WriteLineAsync($"{finding.Name} {finding.Problem}{(repair ? "; removed" : "")}");
        }

        await output.WriteLineAsync($"{found.Blobs} blobs of {found.Bytes} bytes and {found.Records} records: {found.Findings.Count} not right");
        return found.Findings.Count == 0 || repair ? 0 : 1;
    }
}

using System.CommandLine;
using Nixery.Pulls;
using Nixery.Server.Configuring;
using Nixery.Storage;

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

    /// <returns>0 when all is right, or was removed; 1 when something is not right; 2 when there is nothing that could be.</returns>
    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        var settings = SettingOption.Read(parsed).ToList();
        var storage = RegistryHost.ReadSources(settings).Read().Storage;
        if (storage.Kind == StorageKind.FileSystem && !StorageFolder.IsAt(storage.Path))
        {
            // Asked before the storage is opened, which would make one.
            return await SayNothingThereAsync(parsed, $"the folder {storage.Path}");
        }

        await using var app = RegistryHost.BuildForVerb(settings);
        var found = await app.Services.GetRequiredService<StorageCheck>().RunAsync(cancellationToken);
        if (storage.Kind != StorageKind.FileSystem && found is { Blobs: 0, Records: 0 })
        {
            // A server puts a record into each storage that it is ready with.
            return await SayNothingThereAsync(parsed, storage.Kind == StorageKind.Memory ? "memory, which is each server's own" : "the bucket, below this prefix");
        }

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

    private static async Task<int> SayNothingThereAsync(ParseResult parsed, string place)
    {
        await parsed.InvocationConfiguration.Error.WriteLineAsync($"nixery verify: there is no storage of a server in {place}");
        return 2;
    }
}

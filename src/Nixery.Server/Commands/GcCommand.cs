using System.CommandLine;
using Nixery.Pulls.Keeping;

namespace Nixery.Server.Commands;

/// <summary><c>nixery gc</c>: brings the storage within its limits once, or says what would go for that.</summary>
internal static class GcCommand
{
    /// <summary>While a server is at it.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Say what would go, and why; nothing is written.",
    };

    public static Command Create()
    {
        var command = new Command(
            "gc",
            "Let images go that are older than Nixery:Storage:MaxAge, and those used least lately until the storage is within Nixery:Storage:MaxBytes; and what no image needs. Servers may go on meanwhile.")
        {
            DryRun, SettingOption.Set, SettingOption.File,
        };
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(
            parsed, "the next gc goes on from here", () => CollectAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> CollectAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        var error = parsed.InvocationConfiguration.Error;
        await using var app = RegistryHost.BuildForVerb(SettingOption.Read(parsed));
        var eviction = app.Services.GetRequiredService<Eviction>();
        var isDry = parsed.GetValue(DryRun);
        var report = isDry ? await eviction.PlanAsync(cancellationToken) : await RunAsync(eviction, error, cancellationToken);
        await WriteAsync(output, report, isDry);
        return 0;
    }

    private static async Task<EvictionReport> RunAsync(Eviction eviction, TextWriter error, CancellationToken cancellationToken)
    {
        var report = await eviction.RunAsync(0, cancellationToken);
        if (report.IsElsewhere)
        {
            await error.WriteLineAsync("nixery gc: a server is at it; waiting for it");
        }

        while (report.IsElsewhere)
        {
            await Task.Delay(LookEvery, cancellationToken);
            report = await eviction.RunAsync(0, cancellationToken);
        }

        return report;
    }

    private static async Task WriteAsync(TextWriter output, EvictionReport report, bool isDry)
    {
        foreach (var thing in report.Things)
        {
            await output.WriteLineAsync($"{thing.Name} {thing.Why}: {thing.Bytes} bytes");
        }

        await output.WriteLineAsync(
            $"{report.Things.Count} {(isDry ? "would go" : "went")}, {report.FreedBytes} of {report.UsedBytes} bytes; {report.UsedBytes - report.FreedBytes} {(isDry ? "would be left" : "are left")}");
        if (report.Shortage is not null)
        {
            await output.WriteLineAsync("that is more than Nixery:Storage:MaxBytes: what is left stays (Nixery:Storage:Keep), was pulled lately (Nixery:Storage:Grace) or was just made");
        }
    }
}

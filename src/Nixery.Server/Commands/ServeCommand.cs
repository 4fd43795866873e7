using System.CommandLine;

namespace Nixery.Server.Commands;

/// <summary><c>nixery serve</c>, also what runs without a verb: the registry.</summary>
internal static class ServeCommand
{
    private const string About =
        "Serve container images whose names are their package lists: docker pull localhost:8080/shell/git/htop";

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "The port to listen on (PORT, Nixery:Http:Port; 8080).",
    };

    /// <summary>Gives <paramref name="command"/> the options and the action of this verb.</summary>
    public static T On<T>(T command)
        where T : Command
    {
        command.Add(Port);
        command.Add(SettingOption.Set);
        command.Add(SettingOption.File);
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(parsed, () => ServeAsync(parsed, cancellationToken)));
        return command;
    }

    public static Command Create() => On(new Command("serve", About));

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var fromCommandLine = SettingOption.Read(parsed);
        if (parsed.GetValue(Port) is { } port)
        {
            fromCommandLine = fromCommandLine.Append(new("Nixery:Http:Port", port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        await using var app = RegistryHost.Build(fromCommandLine);
        return await RunAsync(app, cancellationToken);
    }

    /// <returns>The exit code: a server that ends because something of it has failed does not end as if it had been told to.</returns>
    internal static async Task<int> RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var inBackground = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was to end before it had started.
        }

        return inBackground.Any(s => s.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }
}

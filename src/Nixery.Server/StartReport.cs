using Nixery.Building.Nix;
using Nixery.Images;
using Nixery.Server.Configuring;
using Nixery.Sources;

namespace Nixery.Server;

/// <summary>
/// Says soon after the start which Nix there is, whether the packages can be read and which variables are misspelt, so that who set the
/// registry up sees it before a user does. Nothing waits for it.
/// </summary>
internal sealed partial class StartReport(NixVersion nix, ISourceStatus sources, ILogger<StartReport> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ReportAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends before it has looked.
        }
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        foreach (var (written, meant) in HistoricSettings.FindSlips(Environment.GetEnvironmentVariables().Keys.Cast<string>()))
        {
            Log.Slip(logger, written, meant);
        }

        if (await nix.LookAsync(stoppingToken) is { } version)
        {
            Log.Nix(logger, version);
        }
        else
        {
            Log.NoNix(logger);
        }

        foreach (var problem in await sources.LookAsync(Tag.Latest, stoppingToken))
        {
            Log.NoPackages(logger, problem);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Information, "Nix {Version}")]
        public static partial void Nix(ILogger logger, string version);

        [LoggerMessage(4021, LogLevel.Warning, "Nix does not answer: images that are stored are served, and no others. Is nix-instantiate on the PATH?")]
        public static partial void NoNix(ILogger logger);

        [LoggerMessage(4023, LogLevel.Warning, "The variable {Written} is read by nobody here; is {Meant} meant?")]
        public static partial void Slip(ILogger logger, string written, string meant);

        [LoggerMessage(4022, LogLevel.Warning, "The packages cannot be read now: {Problem}")]
        public static partial void NoPackages(ILogger logger, string problem);
    }
}

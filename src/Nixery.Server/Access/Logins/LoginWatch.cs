using Nixery.Server.Access.Issuers;

namespace Nixery.Server.Access.Logins;

/// <summary>Looks each second whether the files of logins have changed, and has the keys of issuers read again when they are old.</summary>
internal sealed class LoginWatch(LoginFiles files, TokenIssuers issuers, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // One that fails ends this at once, however long the other goes on.
            await foreach (var loop in Task.WhenEach(LookAsync(stoppingToken), RefreshAsync(stoppingToken)))
            {
                await loop;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Often, time, stoppingToken);
            files.Look();
        }
    }

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await issuers.RefreshAsync(stoppingToken);
            await Task.Delay(Seldom, time, stoppingToken);
        }
    }
}

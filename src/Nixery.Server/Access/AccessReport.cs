using Nixery.Server.Access.Logins;

namespace Nixery.Server.Access;

/// <summary>Says at start who may come in, so that whoever set it up sees what it means.</summary>
internal sealed partial class AccessReport(AccessOptions options, LoginFiles files, ILogger<AccessReport> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var issuers = options.Issuers.Count == 0 ? "none" : string.Join(", ", options.Issuers.Keys);
        Log.Access(logger, files.Users.Count, files.Tokens.Count, issuers, options.Rules.Count, options.AnonymousInForce());
        if (!files.SharesKeys)
        {
            Log.OwnKey(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(4075, LogLevel.Information, "Access: {Users} users, {Tokens} static tokens, issuers: {Issuers}; {Rules} rules; anonymous may: {Anonymous}")]
        public static partial void Access(ILogger logger, int users, int tokens, string issuers, int rules, AnonymousMay anonymous);

        [LoggerMessage(4076, LogLevel.Information, "The tokens of /token are believed by this process alone, until it ends; replicas share a Nixery:Access:TokenKeyFile")]
        public static partial void OwnKey(ILogger logger);
    }
}

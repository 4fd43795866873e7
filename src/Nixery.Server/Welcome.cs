using Nixery.Sources;

namespace Nixery.Server;

/// <summary>The first lines of the log: where images are to be had, and the line to copy.</summary>
internal sealed partial class Welcome(ILogger logger)
{
    public void Say(SourceOptions source, IEnumerable<string> addresses)
    {
        var packages = source switch
        {
            { Path: { } path } => $"the folder {path}",
            { Git: not null } => "a git repository",
            _ => $"the channel {source.Channel ?? SourceOptions.DefaultChannel}",
        };
        Log.Revision(logger, Versions.Revision.Current.Text);
        foreach (var address in addresses.Select(a => new Uri(a.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal))))
        {
            Log.Ready(logger, address, packages);
            Log.Try(logger, address.Authority);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4012, LogLevel.Information, "Nixery {Revision}")]
        public static partial void Revision(ILogger logger, string revision);

        [LoggerMessage(4010, LogLevel.Information, "Ready: {Address} serves packages of {Packages}")]
        public static partial void Ready(ILogger logger, Uri address, string packages);

        [LoggerMessage(4011, LogLevel.Information, "Try: docker run -ti --rm {Host}/shell/git/htop")]
        public static partial void Try(ILogger logger, string host);
    }
}

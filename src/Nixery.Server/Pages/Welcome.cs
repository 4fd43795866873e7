using System.Net;
using Nixery.Server.Tls;
using Nixery.Sources;

namespace Nixery.Server.Pages;

/// <summary>The first lines of the log: where images are to be had, how clients must name this registry, and the line to copy.</summary>
internal sealed partial class Welcome(TlsCertificate tls, Endpoints endpoints, ILogger logger)
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
        foreach (var text in addresses)
        {
            var isEverywhere = text.Contains("//*", StringComparison.Ordinal) || text.Contains("//[::]", StringComparison.Ordinal) || text.Contains("//0.0.0.0", StringComparison.Ordinal);
            var address = new Uri(text.Replace("//*", "//localhost", StringComparison.Ordinal)
                .Replace("//[::]", "//localhost", StringComparison.Ordinal)
                .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal));
            Log.Ready(logger, address, packages);
            if (endpoints.IsClearHttp2Alone(text))
            {
                Log.ClearHttp2Alone(logger, address);
            }
            else if (address.Scheme == Uri.UriSchemeHttps)
            {
                SayOfTls(address);
            }
            else
            {
                SayOfPlain(address, isEverywhere);
            }
        }
    }

    private void SayOfPlain(Uri address, bool isEverywhere)
    {
        Log.Try(logger, address.Authority);
        if (isEverywhere || !address.IsLoopback)
        {
            var host = isEverywhere ? $"{Dns.GetHostName()}:{address.Port}" : address.Authority;
            Log.PlainElsewhere(logger, host);
        }
    }

    private void SayOfTls(Uri address)
    {
        if (tls.Current is not { } certificate)
        {
            // One of ASP.NET's own settings; what is in it is not ours to know.
            Log.Try(logger, address.Authority);
            return;
        }

        var hosts = certificate.Names.Select(n => address.IsDefaultPort ? n : $"{n}:{address.Port}").ToList();
        var named = hosts.Find(h => !h.StartsWith('*')) ?? hosts[0].Replace("*", "registry", StringComparison.Ordinal);
        Log.Names(logger, string.Join(", ", hosts));
        Log.Try(logger, named);
        if (!certificate.IsOfKnownAuthority())
        {
            Log.OwnAuthority(logger, named);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4016, LogLevel.Information, "Nixery {Revision}")]
        public static partial void Revision(ILogger logger, string revision);

        [LoggerMessage(4010, LogLevel.Information, "Ready: {Address} serves packages of {Packages}")]
        public static partial void Ready(ILogger logger, Uri address, string packages);

        [LoggerMessage(4011, LogLevel.Information, "Try: docker run -ti --rm {Host}/shell/git/htop")]
        public static partial void Try(ILogger logger, string host);

        [LoggerMessage(4012, LogLevel.Information,
            "Other machines call it {Host}, and take it without TLS only where they are told to: docker by \"insecure-registries\": [\"{SameHost}\"] in /etc/docker/daemon.json, "
            + "podman and skopeo by --tls-verify=false; docs/tls.md has the others, and how to have TLS")]
        private static partial void PlainElsewhere(ILogger logger, string host, string sameHost);

        public static void PlainElsewhere(ILogger logger, string host) => PlainElsewhere(logger, host, host);

        [LoggerMessage(4013, LogLevel.Information, "Clients must call it by a name of its certificate: {Hosts}")]
        public static partial void Names(ILogger logger, string hosts);

        [LoggerMessage(4014, LogLevel.Information,
            "No authority that this machine believes has signed its certificate; other machines believe it where they have the authority's, docker in /etc/docker/certs.d/{Host}/ca.crt")]
        public static partial void OwnAuthority(ILogger logger, string host);

        [LoggerMessage(4015, LogLevel.Warning,
            "{Address} speaks HTTP/2 without TLS and nothing else, which docker, podman and containerd do not: they need Protocols=Http1, or TLS (docs/tls.md)")]
        public static partial void ClearHttp2Alone(ILogger logger, Uri address);
    }
}

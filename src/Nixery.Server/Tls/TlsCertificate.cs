using Microsoft.AspNetCore.Server.Kestrel.Https;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tls;

/// <summary>The certificate in use: read anew when its files change. A pair that is no good leaves the old one in use.</summary>
internal sealed partial class TlsCertificate(TlsOptions options, TimeProvider time, ILogger<TlsCertificate> logger) : IReloadable
{
    /// <summary>As long as an authority such as Let's Encrypt gives to notice that nothing was renewed.</summary>
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private volatile TlsOptions _options = options;
    private volatile ServedCertificate? _current;

    /// <summary>Null without TLS.</summary>
    public ServedCertificate? Current => _current;

    public IReadOnlyList<string> Files => _options.IsOn() ? [_options.CertificateFile!, _options.KeyFile ?? _options.CertificateFile!] : [];

    /// <summary>Has each https address show the certificate in use, by TLS 1.2 or 1.3.</summary>
    public void Use(HttpsConnectionAdapterOptions https)
    {
#pragma warning disable CA5398 // the system may allow older ones, and no client of a registry needs them
        https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
#pragma warning restore CA5398
        if (_options.IsOn())
        {
            Reload();
            https.ServerCertificateSelector = (_, _) => _current?.Certificate;
            // The selector alone would send the certificate without those between it and its authority.
            https.OnAuthenticate = (_, authentication) =>
            {
                authentication.ServerCertificateSelectionCallback = null;
                authentication.ServerCertificateContext = _current?.Context;
            };
        }
    }

    public void Reload()
    {
        if (!_options.IsOn())
        {
            return;
        }

        if (!ServedCertificate.TryRead(_options, out var read, out var problem))
        {
            Log.Kept(logger, problem);
            return;
        }

        var before = _current;
        _current = read;
        if (before?.Certificate.Thumbprint == read.Certificate.Thumbprint)
        {
            return;
        }

        // Connections may be using the one before, so it is not disposed.
        var ends = new DateTimeOffset(read.Certificate.NotAfter);
        Log.InUse(logger, string.Join(", ", read.Names), ends);
        if (ends - time.GetUtcNow() < WarnBefore)
        {
            Log.Ends(logger, ends);
        }
    }

    /// <returns>False where TLS is turned on or off, which changes where the server listens.</returns>
    public bool TryChange(Settings now)
    {
        if (!_options.IsOn() || !now.Tls.IsOn())
        {
            return false;
        }

        _options = now.Tls;
        Reload();
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(4110, LogLevel.Information, "The certificate for {Names} is in use; it ends at {Ends:u}")]
        public static partial void InUse(ILogger logger, string names, DateTimeOffset ends);

        [LoggerMessage(4111, LogLevel.Warning, "The certificate ends at {Ends:u}; clients refuse it from then on")]
        public static partial void Ends(ILogger logger, DateTimeOffset ends);

        [LoggerMessage(4112, LogLevel.Warning, "The certificate was read again and is not right, so the one before stays in use: {Problem}")]
        public static partial void Kept(ILogger logger, string problem);
    }
}

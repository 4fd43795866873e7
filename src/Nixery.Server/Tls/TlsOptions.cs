namespace Nixery.Server.Tls;

/// <summary>The registry's own certificate.</summary>
internal sealed record TlsOptions
{
    /// <summary>PEM: the certificate, and behind it those between it and its authority. Null for no TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM, without a password; null where it is in <see cref="CertificateFile"/> too.</summary>
    public string? KeyFile { get; init; }

    /// <summary>On all addresses of the machine. 0 takes any free port.</summary>
    public int Port { get; init; } = 8443;

    public bool IsOn() => CertificateFile is not null;
}

/// <summary>From where plain HTTP is spoken.</summary>
internal enum PlainListening
{
    /// <summary>From everywhere without a certificate, from this machine alone with one.</summary>
    Auto,

    /// <summary>From everywhere.</summary>
    Any,

    /// <summary>From this machine alone.</summary>
    Localhost,

    /// <summary>From nowhere.</summary>
    Off,
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nixery.Doubles;

/// <summary>An authority of a test's own, which signs by one in between, as the real ones do.</summary>
public sealed class CertificateAuthority : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly X509Certificate2 _root = SelfSigned("CN=root");
    private readonly X509Certificate2 _between;

    private CertificateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("CN=between", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var signed = request.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8));
        _between = signed.CopyWithPrivateKey(key);
    }

    public static CertificateAuthority Create() => new();

    /// <summary>What a client has to know.</summary>
    public string RootPem => _root.ExportCertificatePem();

    public X509Certificate2 Root => _root;

    /// <summary>A certificate for localhost and 127.0.0.1, with the one in between behind it, and its key; both PEM.</summary>
    public (string Certificate, string Key) Issue(TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("CN=localhost", key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_between, Now.AddHours(-1), Now + lifetime, RandomNumberGenerator.GetBytes(8));
        return ($"{signed.ExportCertificatePem()}\n{_between.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
    }

    public ValueTask DisposeAsync()
    {
        _root.Dispose();
        _between.Dispose();
        return ValueTask.CompletedTask;
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(100));
    }

    private static CertificateRequest Request(string name, ECDsa key) => new(name, key, HashAlgorithmName.SHA256);
}

using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tls;

/// <summary>A certificate with its key, and what clients are sent with it.</summary>
/// <param name="Context">With the certificates between it and its authority.</param>
internal sealed record ServedCertificate(X509Certificate2 Certificate, SslStreamCertificateContext Context)
{
    /// <summary>What clients may call the server: names, as <c>*.example.com</c> too, and addresses.</summary>
    public IReadOnlyList<string> Names { get; } = NamesOf(Certificate);

    /// <summary>Reads the files of <paramref name="options"/>; <paramref name="problem"/> is one sentence, without anything of the key.</summary>
    public static bool TryRead(TlsOptions options, [NotNullWhen(true)] out ServedCertificate? served, [NotNullWhen(false)] out string? problem)
    {
        served = null;
        var (file, keyFile) = (options.CertificateFile!, options.KeyFile ?? options.CertificateFile!);
        try
        {
            var key = SmallFile.ReadText(keyFile);
            if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
            {
                problem = $"Nixery:Tls:KeyFile is '{keyFile}', and its key has a password; take it off, as by openssl pkey -in KEY -out PLAIN";
                return false;
            }

            served = Of(SmallFile.ReadText(file), key);
            problem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"Nixery:Tls:CertificateFile is '{file}' and Nixery:Tls:KeyFile '{keyFile}', and they cannot be read: {e.Message}";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            problem = $"'{file}' and '{keyFile}' (Nixery:Tls:CertificateFile, Nixery:Tls:KeyFile) are no certificate and its key, both PEM, the server's own certificate first: {e.Message}";
        }

        return false;
    }

    /// <summary>Whether an authority that this machine believes has signed it; clients may know others.</summary>
    public bool IsOfKnownAuthority()
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.ExtraStore.AddRange(Context.IntermediateCertificates.ToArray());
        return chain.Build(Certificate);
    }

    private static ServedCertificate Of(string pem, string keyPem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        var own = X509Certificate2.CreateFromPem(pem, keyPem);
        // Nothing is fetched: what is not in the file is not sent.
        return new ServedCertificate(own, SslStreamCertificateContext.Create(own, [.. all.Skip(1)], offline: true));
    }

    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var found = names is null ? [] : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString())).ToList();
        return found.Count > 0 ? found : [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)];
    }
}

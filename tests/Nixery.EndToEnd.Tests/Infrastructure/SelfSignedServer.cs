using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>An https server whose certificate no authority has signed.</summary>
internal sealed class SelfSignedServer : IAsyncDisposable
{
    public const string Greeting = "hello over TLS\n";

    private static readonly byte[] Response =
        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Greeting.Length}\r\nConnection: close\r\n\r\n{Greeting}");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly Task _serving;

    private SelfSignedServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public string CertificatePem => _certificate.ExportCertificatePem();

    public static SelfSignedServer Start() => new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var connection = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(connection);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient connection)
    {
        try
        {
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(_certificate);
            using var request = new StreamReader(tls, Encoding.ASCII);
            while (await request.ReadLineAsync() is { Length: > 0 })
            {
                // The headers say nothing that matters here.
            }

            await tls.WriteAsync(Response);
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // A client that does not trust us leaves: just what is tested.
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}

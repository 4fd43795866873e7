using Nixery.Server.Configuring;

namespace Nixery.Server.Tls;

/// <summary>What is wrong with the settings of where and how to listen, one sentence each.</summary>
internal static class TlsProblems
{
    public static IEnumerable<string> Of(TlsOptions tls, HttpOptions http, IConfiguration configuration)
    {
        if (tls.Port is < 0 or > 65535)
        {
            yield return $"Nixery:Tls:Port is {tls.Port}; a port is 0 to 65535";
        }

        if (http.MostConnections < 0 || http.SlowestBytesPerSecond < 0)
        {
            yield return "Nixery:Http:MostConnections and Nixery:Http:SlowestBytesPerSecond are numbers, 0 for no limit";
        }

        if (!tls.IsOn())
        {
            if (tls.KeyFile is not null)
            {
                yield return "Nixery:Tls:KeyFile goes with Nixery:Tls:CertificateFile";
            }

            if (http.Listen == PlainListening.Off)
            {
                yield return "Nixery:Http:Listen is Off, which goes with Nixery:Tls:CertificateFile: else nobody could speak to this server";
            }

            yield break;
        }

        if (!ServedCertificate.TryRead(tls, out _, out var problem))
        {
            yield return problem;
        }

        if (ListenAddresses.HasEndpoints(configuration) || configuration.GetSection("Kestrel:Certificates").GetChildren().Any())
        {
            yield return "Nixery:Tls:CertificateFile excludes Kestrel:Endpoints and Kestrel:Certificates, which name certificates of their own";
        }

        if (http.Port == tls.Port && http.Port != 0 && ListenAddresses.Plain(http, tls) is not null && configuration[WebHostDefaults.ServerUrlsKey] is null)
        {
            yield return $"Nixery:Http:Port (PORT) and Nixery:Tls:Port are both {tls.Port}; take another for one, or Nixery:Http:Listen=Off";
        }
    }
}

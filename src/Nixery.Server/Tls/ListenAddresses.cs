using System.Globalization;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tls;

/// <summary>
/// Where the server listens. ASP.NET has settings of its own for it, which win: <c>urls</c> (<c>ASPNETCORE_URLS</c>), and
/// <c>Kestrel:Endpoints</c> over that.
/// </summary>
internal static class ListenAddresses
{
    /// <summary>Addresses by semicolons; null where ASP.NET's settings say all of it.</summary>
    public static string? Choose(IConfiguration configuration, HttpOptions http, TlsOptions tls)
    {
        if (HasEndpoints(configuration))
        {
            return null;
        }

        var encrypted = tls.IsOn() ? $"https://*:{tls.Port.ToString(CultureInfo.InvariantCulture)}" : null;
        return configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls
            ? encrypted is null || HasHttps(urls) ? null : $"{urls};{encrypted}"
            : string.Join(';', new[] { Plain(http, tls), encrypted }.OfType<string>());
    }

    public static bool HasEndpoints(IConfiguration configuration) => configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>Null where plain HTTP is off.</summary>
    public static string? Plain(HttpOptions http, TlsOptions tls) => (http.Listen, tls.IsOn()) switch
    {
        (PlainListening.Off, _) => null,
        // A free port cannot be found for both of localhost's addresses at once.
        (PlainListening.Localhost, _) or (PlainListening.Auto, true) =>
            string.Create(CultureInfo.InvariantCulture, $"http://{(http.Port == 0 ? "127.0.0.1" : "localhost")}:{http.Port}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"http://*:{http.Port}"),
    };

    private static bool HasHttps(string urls) => urls.Contains("https://", StringComparison.OrdinalIgnoreCase);
}

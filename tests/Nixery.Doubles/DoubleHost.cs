using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Nixery.Doubles;

/// <summary>A server on a free port of this machine that hands each request to one method.</summary>
internal sealed class DoubleHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DoubleHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static Task<DoubleHost> StartAsync(RequestDelegate answer) => StartAsync(answer, certificate: null);

    /// <param name="certificate">Where it speaks https.</param>
    public static async Task<DoubleHost> StartAsync(RequestDelegate answer, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                if (certificate is not null)
                {
                    endpoint.UseHttps(certificate);
                }
            });
            server.Limits.MaxRequestBodySize = null;
            server.AddServerHeader = false;
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new DoubleHost(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

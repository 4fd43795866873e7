using System.Net;
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

    public static async Task<DoubleHost> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0);
            server.Limits.MaxRequestBodySize = null;
            server.AddServerHeader = false;
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new DoubleHost(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

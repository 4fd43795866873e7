using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nixery.Server.Configuring;
using Nixery.Server.Errors;

namespace Nixery.Server.Tls;

/// <summary>How Kestrel listens.</summary>
internal static class ListeningServices
{
    /// <summary>As Kestrel has it of itself: a client may pause for so long.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static void AddListening(this WebApplicationBuilder builder, HttpOptions http, TlsOptions tls)
    {
        var endpoints = new Endpoints();
        builder.Services.AddSingleton(endpoints);
        builder.Services.AddSingleton(s => new TlsCertificate(tls, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<TlsCertificate>>()));
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = http.MostConnections > 0 ? http.MostConnections : null;
            var slowest = http.SlowestBytesPerSecond > 0 ? new MinDataRate(http.SlowestBytesPerSecond, Grace) : null;
            (server.Limits.MinResponseDataRate, server.Limits.MinRequestBodyDataRate) = (slowest, slowest);
            server.ConfigureEndpointDefaults(endpoint =>
            {
                endpoints.Note(endpoint);
                RejectedRequests.LeaveRoom(endpoint);
            });
            server.ConfigureHttpsDefaults(server.ApplicationServices.GetRequiredService<TlsCertificate>().Use);
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (ListenAddresses.Choose(builder.Configuration, http, tls) is { } addresses)
        {
            builder.WebHost.UseUrls(addresses);
        }
    }
}

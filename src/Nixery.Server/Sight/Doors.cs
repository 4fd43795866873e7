using System.Diagnostics.Metrics;
using Nixery.Building;
using Nixery.Server.Configuring;
using Nixery.Server.Staying;

namespace Nixery.Server.Sight;

/// <summary>What of this folder the host needs: two calls.</summary>
internal static class Doors
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static void AddSight(this WebApplicationBuilder builder, Settings settings)
    {
        var services = builder.Services;
        builder.AddTelemetry(settings.Telemetry);
        services.AddSingleton(settings.Log).AddSingleton(settings.Health).AddSingleton(settings.Drain);
        services.AddSingleton<RequestLog>().AddHostedService(s => s.GetRequiredService<RequestLog>());
        services.AddSingleton<ReadyChecks>();
        services.AddSingleton(s => s.GetRequiredService<ReadyChecks>().All);
        services.AddSingleton<Readiness>().AddHostedService(s => s.GetRequiredService<Readiness>());
        services.AddSingleton<StorageSize>().AddHostedService(s => s.GetRequiredService<StorageSize>());
        services.AddSingleton<Gauges>();
        services.AddHostedService<Drain>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Drain.Longest());
    }

    /// <summary>After routing.</summary>
    public static void MapSight(this WebApplication app)
    {
        app.MapMethods("/healthz", ReadMethods, HealthPages.AnswerAliveAsync);
        app.MapMethods("/readyz", ReadMethods, HealthPages.AnswerReadyAsync);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new HttpMethodMetadata(ReadMethods));
        // Made once, to be asked from then on.
        _ = app.Services.GetRequiredService<Gauges>();
        Gauges.AddSizes(app.Services.GetRequiredService<IMeterFactory>(), app.Services.GetRequiredService<StorageSize>(), app.Services.GetRequiredService<INixStoreSize>());
    }
}

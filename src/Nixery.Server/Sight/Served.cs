using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Server.Sight;

/// <summary>What is counted at the front door.</summary>
internal static class Served
{
    private static readonly Meter Meter = new(Gauges.MeterName);

    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "nixery.served", "By", "Bytes of manifests and blobs that were sent to clients by this server");

    private static readonly Counter<long> Redirects = Meter.CreateCounter<long>(
        "nixery.redirects", "{redirect}", "Blobs whose clients were sent to the bucket");

    private static readonly Counter<long> Unlogged = Meter.CreateCounter<long>(
        "nixery.log.omitted", "{line}", "Refused requests beyond those that have a line each in the log");

    /// <summary>Says of a request which door it has come to, in the figures that ASP.NET has of all requests.</summary>
    public static void SetRoute(HttpContext context, RegistryRoute route) =>
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("nixery.route", NameOf(route)));

    public static void CountBytes(bool isManifest, long bytes) => Bytes.Add(bytes, new KeyValuePair<string, object?>("kind", isManifest ? "manifest" : "blob"));

    public static void CountRedirect() => Redirects.Add(1);

    public static void CountUnlogged() => Unlogged.Add(1);

    private static string NameOf(RegistryRoute route) => route switch
    {
        RegistryRoute.Ping => "ping",
        RegistryRoute.ManifestByTag => "manifest-by-tag",
        RegistryRoute.ManifestByDigest => "manifest-by-digest",
        RegistryRoute.Blob => "blob",
        RegistryRoute.Tags => "tags",
        RegistryRoute.Referrers => "referrers",
        RegistryRoute.Catalog => "catalog",
        _ => "none",
    };
}

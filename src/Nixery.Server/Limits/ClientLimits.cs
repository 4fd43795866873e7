using Nixery.Pulls;
using Nixery.Server.Errors;
using Nixery.Server.Sight;

namespace Nixery.Server.Limits;

/// <summary>
/// How many pulls and downloads a client may have at a time, and how many bytes in an hour. Builds are counted where they are begun:
/// <see cref="ImagePipeline"/>.
/// </summary>
internal sealed class ClientLimits(PullRules rules, TimeProvider time, RequestLog log)
{
    /// <summary>Nobody knows when a pull or a download will end.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly ClientCounts _pulls = new();
    private readonly ClientCounts _downloads = new();
    private readonly HourlyBudget _bytes = new(time);

    public Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var limits = rules.Limits;
        // Most registries have none of these limits, and some have tens of thousands of requests in a second.
        if (limits is { PullsAtOnce: 0, DownloadsAtOnce: 0, BytesPerHour: 0 } || RawPath.Of(context) is var path && !RawPath.IsRegistry(path))
        {
            return next(context);
        }

        return RegistryRoute.Parse(path) switch
        {
            RegistryRoute.ManifestByTag => CountAsync(context, next, _pulls, limits.PullsAtOnce, "PullsAtOnce", "pulls"),
            RegistryRoute.Blob => DownloadAsync(context, next, limits),
            _ => next(context),
        };
    }

    private Task DownloadAsync(HttpContext context, RequestDelegate next, LimitOptions limits)
    {
        var client = ClientKey.Of(context);
        if (_bytes.WaitOf(client, limits.BytesPerHour) is { Ticks: > 0 } wait)
        {
            return RefuseAsync(context, client, OciError.TooManyRequests(
                $"this registry sends {limits.BytesPerHour} bytes an hour to one client (Nixery:Limits:BytesPerHour), and this client has had them; there will be more in {Waiting.Text(wait)}", wait));
        }

        if (limits.BytesPerHour > 0 && HttpMethods.IsGet(context.Request.Method))
        {
            // What is sent is known when the headers are; the last of a client's hour is sent whole.
            context.Response.OnStarting(() =>
            {
                _bytes.Charge(client, context.Response.ContentLength ?? 0);
                return Task.CompletedTask;
            });
        }

        return CountAsync(context, next, _downloads, limits.DownloadsAtOnce, "DownloadsAtOnce", "downloads");
    }

    private async Task CountAsync(HttpContext context, RequestDelegate next, ClientCounts counts, int most, string setting, string what)
    {
        var client = ClientKey.Of(context);
        if (!counts.TryEnter(client, most))
        {
            await RefuseAsync(context, client, OciError.TooManyRequests(
                $"this registry answers {most} {what} at a time to one client (Nixery:Limits:{setting}), and this client has as many; the next can begin when one of them ends", Soon));
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            counts.Leave(client);
        }
    }

    private Task RefuseAsync(HttpContext context, string client, OciError error)
    {
        // It does not come to the door where the others get it.
        Served.SetRoute(context, RegistryRoute.Parse(RawPath.Of(context)));
        log.OverLimit(client, error);
        return OciErrorWriter.WriteAsync(context, error);
    }
}
